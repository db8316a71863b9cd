-- A running step of an outside-driven run failed, and the run fails with it. A failed sub-step ends only itself. SC002,
-- SC003: no such run, step. SC004: it is not running.
create or replace function stepcast.fail_step(run uuid, step text, error text, error_stack text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_outside_run(run);
  failed stepcast.steps := stepcast.hold_step(held, step);
begin
  error := coalesce(nullif(error, ''), 'no reason given');
  perform stepcast.check_text(format('error of step %s', step), error);
  perform stepcast.check_text(format('error_stack of step %s', step), error_stack, 100000);
  perform stepcast.check_weight(run, coalesce(octet_length(error), 0) + coalesce(octet_length(error_stack), 0));
  held := stepcast.set_step(held, failed, 'failed', null, error, error_stack);
  if failed.parent_id is null then
    held := stepcast.end_run(held, 'failed', null, error, error_stack);
  end if;
  perform stepcast.save_run(held);
end
$$;
