-- Writes a held run back, once, after its steps were written: this is the update that announces. `p_instead` is a step
-- as it is about to be stored (a BEFORE trigger's row), if there is one.
create or replace function stepcast.save_run(p_run stepcast.runs, p_instead stepcast.steps default null)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update stepcast.runs r
  set revision = p_run.revision,
      status = p_run.status,
      progress = case
        when p_run.status = 'completed' then 100
        when p_run.reset_revision = p_run.revision then work.percent
        else greatest(least(r.progress, 99), work.percent)
      end,
      output = p_run.output,
      error = p_run.error,
      error_stack = p_run.error_stack,
      run_at = p_run.run_at,
      lease = p_run.lease,
      worker = p_run.worker,
      crashes = p_run.crashes,
      faults = p_run.faults,
      -- Every report extends an outside-driven run's deadline; a worker's run has a total time, from its start.
      deadline = case
        when p_run.status not in ('pending', 'running') then null
        when p_run.driver = 'outside' then clock_timestamp() + p_run.deadline_after
        when p_run.status = 'running' then coalesce(r.deadline, clock_timestamp() + p_run.deadline_after)
      end,
      on_end_pending = p_run.on_end_pending,
      attention = p_run.attention,
      admission = p_run.admission,
      reset_revision = p_run.reset_revision,
      journal_entries = p_run.journal_entries,
      log_lines = p_run.log_lines,
      substeps_added = p_run.substeps_added,
      work_done = work.done,
      work_total = work.total,
      updated_at = clock_timestamp()
  from stepcast.measure_run(p_run.id, p_instead) work
  where r.id = p_run.id
$$;
