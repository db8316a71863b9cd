-- Appends a line to a run's log, for a step or (null) for the run itself. SC002, SC003: no such run, step. SC006: the
-- level is not debug, info, warn or error; the run has a million lines.
create or replace function stepcast.log_line(run uuid, step text, level text, message text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_own_run(run);
  step_id bigint := case when step is not null then (stepcast.hold_step(held, step)).id end;
begin
  if level is null or level not in ('debug', 'info', 'warn', 'error') then
    perform stepcast.fail_with('SC006', format('there is no log level %s', coalesce(level, 'null')), 'Levels are debug, info, warn, error.');
  end if;
  perform stepcast.check_text('a log line', message);
  if held.log_lines >= 1000000 then
    perform stepcast.fail_with('SC006', format('run %s has %s log lines, which is the limit', run, held.log_lines),
      'Keep the whole log elsewhere, and write where it is.');
  end if;
  held.log_lines := held.log_lines + 1;
  insert into stepcast.logs (run_id, tenant, line, step_id, revision, at, level, message)
  values (held.id, held.tenant, held.log_lines, step_id, held.revision, clock_timestamp(), level, coalesce(message, ''));
  perform stepcast.save_run(held);
end
$$;
