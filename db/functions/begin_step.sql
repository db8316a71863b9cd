-- A step of an outside-driven run begins; the first one starts the run. A sub-step is 'parent/sub-step', and is added
-- if the run has none of that name; one that failed or was cancelled begins again, as a worker's does. SC002, SC003: no
-- such run, step. SC004: it has begun, or its parent is not running. SC006: 10,000 were added to the run, it would be
-- too deep, or it has had 1,000 attempts.
create or replace function stepcast.begin_step(run uuid, step text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_outside_run(run);
  begun stepcast.steps;
  parent stepcast.steps;
begin
  if stepcast.find_step(run, step) is null then
    parent := stepcast.hold_step(held, regexp_replace(step, '/[^/]+$', ''));
    held := stepcast.count_substep(held, parent);
    begun := stepcast.add_substep(held, parent, substring(step from '[^/]+$'));
  else
    begun := stepcast.hold_step(held, step);
    perform stepcast.check_attempts(begun);
    select * into parent from stepcast.steps where id = begun.parent_id;
  end if;
  if parent.status <> 'running' then
    perform stepcast.fail_with('SC004', format('sub-step %s cannot begin: its step is %s', step, parent.status), 'Begin the step first.');
  end if;
  if begun.parent_id is not null and begun.status in ('failed', 'cancelled') then
    held.journal_entries := stepcast.write_journal(held, 'status', begun, begun.status, 'pending');
    begun := stepcast.reset_step(held, begun);
  end if;
  held.status := 'running';
  held := stepcast.set_step(stepcast.journal_start(held), begun, 'running');
  perform stepcast.save_run(held);
end
$$;
