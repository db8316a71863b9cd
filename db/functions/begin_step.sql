-- A step of an outside-driven run begins; the first one starts the run. A sub-step is 'parent/sub-step', and is added
-- where the run has none of that name. SC002, SC003: no such run, step. SC004: it is not pending.
create or replace function stepcast.begin_step(run uuid, step text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_outside_run(run);
begin
  if stepcast.find_step(run, step) is null then
    perform stepcast.add_substep(held, stepcast.hold_step(held, regexp_replace(step, '/[^/]+$', '')), substring(step from '[^/]+$'));
  end if;
  held.status := 'running';
  held := stepcast.set_step(stepcast.journal_start(held), stepcast.hold_step(held, step), 'running');
  perform stepcast.save_run(held);
end
$$;
