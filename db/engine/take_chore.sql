-- Whether it is the caller's turn to do a chore that one process does for all, at most once per `p_every`. Waits for
-- nobody. Where it was last done in the future the clock was set back since, or another machine took over with a clock
-- that is behind: that must not end it until then.
create or replace function stepcast.take_chore(p_name text, p_every interval)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from stepcast.chores
  where name = p_name
    and (done_at <= clock_timestamp() - p_every or done_at > clock_timestamp())
  for update skip locked;
  if not found then
    -- It is somebody else's turn or not time yet, or nobody has ever done it.
    insert into stepcast.chores (name, done_at)
    values (p_name, clock_timestamp())
    on conflict do nothing;
    return found;
  end if;
  update stepcast.chores
  set done_at = clock_timestamp()
  where name = p_name;
  return true;
end
$$;
