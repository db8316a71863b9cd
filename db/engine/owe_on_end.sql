-- For a held run that somebody other than its worker has ended: marks in the record that its workflow's onEnd, if it
-- has one, is still to be run, at once. The caller saves the run and queues it.
create or replace function stepcast.owe_on_end(p_run stepcast.runs)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  p_run.on_end_pending := p_run.driver = 'worker' and exists (
    select
    from stepcast.workflows w
    where w.name = p_run.workflow
      and w.version = p_run.workflow_version
      and (w.options ->> 'onEnd')::boolean
  );
  if p_run.on_end_pending then
    p_run.run_at := clock_timestamp();
  end if;
  return p_run;
end
$$;
