-- The share of what completed, from 0 to 1 with four decimals; null where nothing completed or failed. 1 only where
-- nothing failed and 0 only where nothing completed: rounded, one failure in 50,000 would read as none.
create or replace function stepcast.rate_of(p_completed bigint, p_failed bigint)
returns numeric
language sql
immutable
as $$
  select case
    when p_completed > 0 and p_failed > 0
      then least(greatest(round(p_completed::numeric / (p_completed + p_failed), 4), 0.0001), 0.9999)
    else round(p_completed::numeric / nullif(p_completed + p_failed, 0), 4)
  end
$$;
