-- Changes the status of a step of a held run, with its attempt and its journal entry, and returns the run with its
-- journal counter advanced. The caller saves the run. `p_error` is the reason for a failure or a skip.
create or replace function stepcast.set_step(
  p_run stepcast.runs,
  p_step stepcast.steps,
  p_status text,
  p_output jsonb default null,
  p_error text default null,
  p_error_stack text default null
)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  changed stepcast.steps;
begin
  if p_step.status = p_status then
    perform stepcast.fail_with('SC004', format('step %s of run %s is %s already', p_step.step, p_run.id, p_status),
      'Report each change of status once.');
  end if;
  if p_step.status = 'pending' and p_status in ('completed', 'failed') then
    perform stepcast.fail_with('SC004', format('step %s of run %s is pending', p_step.step, p_run.id), 'Call stepcast.begin_step first.');
  end if;
  update stepcast.steps s
  set status = p_status,
      attempt = s.attempt + (p_status = 'running')::integer,
      output = p_output,
      error = case when p_status = 'failed' then p_error end,
      error_stack = case when p_status = 'failed' then p_error_stack end,
      message = case when p_status = 'skipped' then coalesce(p_error, s.message) else s.message end,
      messages = case when p_status = 'skipped' and p_error is not null then null else s.messages end,
      revision = p_run.revision,
      updated_at = clock_timestamp()
  where s.id = p_step.id
  returning * into changed;
  if p_status = 'running' then
    insert into stepcast.attempts (step_id, run_id, tenant, attempt, worker)
    values (changed.id, p_run.id, p_run.tenant, changed.attempt, stepcast.driver_name(p_run));
  else
    -- An attempt that was taken from its worker is over without having failed.
    perform stepcast.end_attempt(changed, case p_status when 'pending' then 'cancelled' else p_status end, p_error, p_error_stack);
  end if;
  if changed.parent_id is not null then
    perform stepcast.raise_parents(changed);
  end if;
  p_run.journal_entries := stepcast.write_journal(p_run, 'status', changed, p_step.status, p_status, p_error);
  if p_status in ('completed', 'failed', 'skipped', 'cancelled') then
    p_run := stepcast.end_substeps(p_run, changed, p_error);
  end if;
  return p_run;
end
$$;
