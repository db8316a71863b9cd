-- Sets a held run back to pending after its steps were: its progress starts from what is still completed, watchers get
-- a snapshot, and its job is queued. A step that waited for its next attempt when the run ended has all its attempts
-- again, too.
create or replace function stepcast.reset_run(p_run stepcast.runs)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update stepcast.steps
  set failures = 0,
      revision = p_run.revision,
      updated_at = clock_timestamp()
  where run_id = p_run.id
    and status = 'pending'
    and failures > 0;
  p_run.status := 'pending';
  p_run.error := null;
  p_run.error_stack := null;
  p_run.output := null;
  p_run.crashes := 0;
  p_run.faults := 0;
  p_run.lease := p_run.lease + 1;
  p_run.on_end_pending := false;
  p_run.admission := case when p_run.admission is not null then 'queued' end;
  p_run.reset_revision := p_run.revision;
  p_run.run_at := clock_timestamp();
  perform stepcast.reset_parents(p_run);
  perform stepcast.save_run(p_run);
  if p_run.driver = 'worker' then
    perform stepcast.queue_run(p_run);
  end if;
end
$$;
