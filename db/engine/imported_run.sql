-- The row of the run that import_run was given, checked. Its version is the hash of its content, by which a repeated
-- import is recognized; its id is from the time it was created, so that lists have it in that place.
create or replace function stepcast.imported_run(p_history jsonb)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  new stepcast.runs := stepcast.wanted_run(
    coalesce(p_history ->> 'tenant', 'default'),
    p_history ->> 'workflow',
    p_history ->> 'key',
    nullif(p_history -> 'input', 'null'),
    nullif(p_history -> 'metadata', 'null'),
    0
  );
  steps record;
begin
  select
    min((s.definition ->> 'started_at')::timestamptz) as started_at,
    max((s.definition ->> 'completed_at')::timestamptz) as completed_at,
    (array_agg(s.definition ->> 'error') filter (where s.definition ->> 'status' = 'failed'))[1] as error,
    string_agg(format('%s is %s', s.path, s.definition ->> 'status'), ', ')
      filter (where s.definition ->> 'status' = 'running' or (s.definition ->> 'status' = 'pending' and p_history ->> 'status' = 'completed')) as unfinished
  into steps
  from stepcast.imported_steps(p_history -> 'steps') s;

  new.status := p_history ->> 'status';
  if coalesce(new.status, '') not in ('completed', 'failed', 'cancelled') then
    perform stepcast.fail_with('SC006', format('the run: status must be completed, failed or cancelled, not %s', coalesce(new.status, 'missing')),
      'Only finished runs are imported; open_run begins one that continues.');
  end if;
  if steps.unfinished is not null then
    perform stepcast.fail_with('SC006', format('the run is %s, but its step %s', new.status, steps.unfinished),
      'A finished run has no running step, and a completed one no pending step: say what became of it.');
  end if;
  new.started_at := coalesce((p_history ->> 'started_at')::timestamptz, steps.started_at);
  new.completed_at := coalesce((p_history ->> 'completed_at')::timestamptz, steps.completed_at);
  if new.completed_at is null or (new.started_at is null and new.status = 'completed') then
    perform stepcast.fail_with('SC006', format('the run: %s is missing, and no step has one', case when new.completed_at is null then 'completed_at' else 'started_at' end),
      'Say when it was, on the run or on its steps.');
  end if;
  if new.completed_at < new.started_at then
    perform stepcast.fail_with('SC006', format('the run: completed_at %s is before started_at %s', new.completed_at, new.started_at),
      'Correct one of them. One that is not given is the first or the last time of the steps.');
  end if;
  new.duration := stepcast.duration_between(new.started_at, new.completed_at);
  new.error := coalesce(nullif(p_history ->> 'error', ''), case when new.status = 'failed' then steps.error end);
  if (new.status = 'failed') <> (new.error is not null) and new.status <> 'cancelled' then
    perform stepcast.fail_with('SC006', format('the run is %s %s an error', new.status, case when new.error is null then 'without' else 'but has' end),
      'A failed run says why; a completed one has no error.');
  end if;
  new.created_at := coalesce((p_history ->> 'created_at')::timestamptz, new.started_at, new.completed_at);
  -- The newest run of a key is found by its id: a run whose clock is ahead must not stay the newest.
  new.id := stepcast.uuid_v7(least(new.created_at, clock_timestamp()));
  new.workflow_version := stepcast.history_version(stepcast.history_in_utc(p_history));
  new.display_name := coalesce(nullif(p_history ->> 'display_name', ''), stepcast.title(new.workflow));
  new.output := nullif(p_history -> 'output', 'null');
  new.work_done := stepcast.imported_percents(p_history -> 'steps');
  new.work_total := jsonb_array_length(p_history -> 'steps');
  new.progress := case
    when new.status = 'completed' then 100
    when new.work_total = 0 then 0
    else least(99, floor(new.work_done / new.work_total))
  end;
  return new;
end
$$;
