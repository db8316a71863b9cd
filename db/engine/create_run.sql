-- Inserts a run with all its steps, or finds the one that its key already has. For start_run and open_run, which say
-- what `p_new` is (tenant, workflow, workflow_version, key, input, metadata, priority, run_at, driver, deadline_after).
create or replace function stepcast.create_run(
  p_new stepcast.runs,
  p_again boolean,
  p_display_name text,
  p_display_names jsonb,
  p_steps jsonb,
  out run stepcast.runs,
  out created boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_new.key is not null then
    -- Two at once start one: the second waits here until the first has committed.
    perform stepcast.lock_key(p_new.tenant, p_new.workflow, p_new.key);
    run := stepcast.run_of_key(p_new, p_again);
    created := run.id is null;
    if not created then
      return;
    end if;
  end if;
  created := true;
  insert into stepcast.runs (
    id, tenant, workflow, workflow_version, key, display_name, display_names, input, metadata, priority, run_at,
    driver, deadline_after, deadline, concurrency_slot, concurrency_limit, admission, created_by, work_total, journal_entries
  )
  values (
    stepcast.uuid_v7(),
    p_new.tenant,
    p_new.workflow,
    p_new.workflow_version,
    p_new.key,
    stepcast.fill_in(p_display_name, p_new.input),
    stepcast.fill_in_all(p_display_names, p_new.input),
    p_new.input,
    p_new.metadata,
    p_new.priority,
    coalesce(p_new.run_at, clock_timestamp()),
    p_new.driver,
    p_new.deadline_after,
    case when p_new.driver = 'outside' then clock_timestamp() + p_new.deadline_after end,
    p_new.concurrency_slot,
    p_new.concurrency_limit,
    case when p_new.concurrency_slot is not null then 'queued' end,
    stepcast.actor(),
    0,
    1
  )
  returning * into run;
  perform stepcast.insert_steps(run, p_steps);
  -- Entry 1 of the journal; the counter was inserted as 1 above, so that creating a run announces once.
  run.journal_entries := 0;
  run.journal_entries := stepcast.write_journal(run, 'create', null, null, 'pending');
end
$$;
