-- A running step of an outside-driven run is completed. SC002, SC003: no such run, step. SC004: it is not running.
create or replace function stepcast.complete_step(run uuid, step text, output jsonb default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_outside_run(run);
begin
  perform stepcast.check_json(format('output of step %s', step), output);
  perform stepcast.save_run(stepcast.set_step(held, stepcast.hold_step(held, step), 'completed', output));
end
$$;
