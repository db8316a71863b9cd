-- What holds up the steps of a run, by sequence: `p_undone`, and each step that was skipped before its turn, because
-- what that one needs is still to be done. Without it, a step that an operator skips in advance would let the next one
-- begin beside the steps that come before both.
create or replace function stepcast.undone_steps(p_run uuid, p_undone jsonb)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  first_undone constant integer := (select min(sequence::integer) from jsonb_object_keys(p_undone) sequence);
  undone jsonb := p_undone;
  skipped record;
begin
  -- A step only needs steps before it: one pass in order is enough, from where something is to be done.
  for skipped in
    select s.sequence::text, coalesce(s.needs, array[(s.sequence - 1)::smallint])::text[] as needs
    from stepcast.steps s
    where s.run_id = p_run
      and s.parent_id is null
      and s.status = 'skipped'
      and s.sequence > first_undone
    order by s.sequence
  loop
    if undone ?| skipped.needs then
      undone := undone || jsonb_build_object(skipped.sequence, true);
    end if;
  end loop;
  return undone;
end
$$;
