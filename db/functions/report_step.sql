-- Reports progress of a running step, from 0 to 100. A value lower than the stored one is ignored; null leaves it.
-- `message` replaces the last one, `metadata` is merged into the stored one. A report that changes nothing announces
-- nothing, unless the run has a deadline, which the report extends, or the step has a `stuckAfter` of which a quarter
-- has passed.
-- SC002, SC003: no such run, step. SC004: the step is not running. SC006: progress is not from 0 to 100.
create or replace function stepcast.report_step(run uuid, step text, progress integer default null, message text default null, metadata jsonb default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_own_run(run);
  reported stepcast.steps := stepcast.hold_step(held, step);
begin
  if progress not between 0 and 100 then
    perform stepcast.fail_with('SC006', format('progress of step %s must be from 0 to 100, not %s', step, progress), 'Write an integer from 0 to 100.');
  end if;
  if jsonb_typeof(metadata) <> 'object' then
    perform stepcast.fail_with('SC006', format('metadata of step %s must be a JSON object, not %s', step, jsonb_typeof(metadata)), 'Wrap it: {"value": …}.');
  end if;
  perform stepcast.check_text(format('message of step %s', step), message);
  perform stepcast.check_json(format('metadata of step %s', step), reported.metadata || metadata, 262144);
  perform stepcast.check_weight(run, coalesce(octet_length((reported.metadata || metadata)::text), 0) + coalesce(octet_length(message), 0));
  if reported.status <> 'running' and held.status in ('completed', 'failed', 'cancelled') then
    perform stepcast.fail_with('SC004', format('run %s is %s', run, held.status), 'stepcast.retry_run sets a finished run back.');
  end if;
  if reported.status <> 'running' then
    perform stepcast.fail_with('SC004', format('step %s of run %s is %s', step, run, reported.status), case when reported.status = 'pending' and held.driver = 'outside' then 'Call stepcast.begin_step first.' else 'Only a running step reports.' end);
  end if;
  update stepcast.steps s
  set progress = case when s.has_declared_substeps then s.progress else greatest(s.progress, least(coalesce(report_step.progress, 0), 99)) end,
      message = coalesce(report_step.message, s.message),
      messages = case when report_step.message is null then s.messages end,
      metadata = s.metadata || coalesce(report_step.metadata, '{}'),
      revision = held.revision,
      updated_at = clock_timestamp()
  where s.id = reported.id
    and (
      (not s.has_declared_substeps and least(coalesce(report_step.progress, 0), 99) > s.progress)
      or coalesce(report_step.message, s.message) is distinct from s.message
      or s.metadata || coalesce(report_step.metadata, '{}') is distinct from s.metadata
      -- A sign of life for the watchdog, as in flush_reports.
      or s.updated_at < clock_timestamp() - least(s.stuck_after, 10000000000000) / 4 * interval '1 millisecond'
    )
  returning * into reported;
  if found then
    perform stepcast.raise_parents(reported);
    perform stepcast.save_run(held);
  elsif held.deadline_after is not null then
    -- Still a report: whoever sends it is alive.
    perform stepcast.save_run(held);
  end if;
end
$$;
