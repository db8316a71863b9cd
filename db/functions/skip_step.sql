-- A step of an outside-driven run is skipped, and counts as done. SC002, SC003: no such run, step. SC004: it is
-- finished.
create or replace function stepcast.skip_step(run uuid, step text, reason text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_outside_run(run);
begin
  perform stepcast.check_text('reason', reason);
  perform stepcast.check_weight(run, octet_length(reason));
  held.status := 'running';
  held := stepcast.set_step(stepcast.journal_start(held), stepcast.hold_step(held, step), 'skipped', null, reason);
  perform stepcast.save_run(held);
end
$$;
