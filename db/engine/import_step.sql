-- Inserts one step of import_run with its attempts, and returns its id. A step that was skipped or cancelled without a
-- time of its own ended with the run.
create or replace function stepcast.import_step(p_run stepcast.runs, p_parent bigint, p_position integer, p_step jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  started_at constant timestamptz := p_step ->> 'started_at';
  completed_at constant timestamptz := coalesce(
    (p_step ->> 'completed_at')::timestamptz,
    case when p_step ->> 'status' in ('skipped', 'cancelled') then greatest(p_run.completed_at, started_at) end
  );
  inserted stepcast.steps;
  attempts jsonb := coalesce(nullif(p_step -> 'attempts', 'null'), to_jsonb((p_step ->> 'started_at' is not null)::integer));
begin
  insert into stepcast.steps (
    run_id, tenant, parent_id, step, display_name, sequence, status, progress, has_declared_substeps, message, attempt,
    error, output, started_at, completed_at, duration, stuck_after
  )
  values (
    p_run.id,
    p_run.tenant,
    p_parent,
    p_step ->> 'step',
    coalesce(nullif(p_step ->> 'display_name', ''), stepcast.title(p_step ->> 'step')),
    p_position,
    p_step ->> 'status',
    case p_step ->> 'status' when 'completed' then 100 when 'skipped' then 0 else stepcast.imported_percent(p_step) end,
    coalesce(jsonb_array_length(nullif(p_step -> 'substeps', 'null')), 0) > 0,
    p_step ->> 'message',
    case jsonb_typeof(attempts) when 'array' then jsonb_array_length(attempts) else (attempts #>> '{}')::integer end,
    nullif(p_step ->> 'error', ''),
    nullif(p_step -> 'output', 'null'),
    started_at,
    completed_at,
    stepcast.duration_between(started_at, completed_at),
    -- After a retry it is driven from outside, and may be silent as long as a step of open_run.
    null
  )
  returning * into inserted;
  perform stepcast.import_attempts(inserted, attempts);
  return inserted.id;
end
$$;
