-- After somebody other than its worker ended a step of a held run (`p_except`, if the caller is writing that step):
-- while another of its steps is running, the worker is told to check the run again at its next beat; if none is, the
-- run is taken from its worker, for whoever comes first. The caller saves the run, and queues it if its lease changed.
create or replace function stepcast.attend_run(p_run stepcast.runs, p_except bigint default null)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  p_run.attention := p_run.worker is not null and exists (
    select
    from stepcast.steps s
    where s.run_id = p_run.id
      and s.parent_id is null
      and s.status = 'running'
      and s.id is distinct from p_except
  );
  if not p_run.attention and p_run.status = 'running' then
    p_run.lease := p_run.lease + 1;
    p_run.worker := null;
    p_run.run_at := clock_timestamp();
  end if;
  return p_run;
end
$$;
