-- After somebody else than its worker ended a step of a held run (`p_except`, where it is being written by the caller):
-- while another step of it runs, the worker is told to look again at its next beat; where none does, the run is taken
-- from it, for whoever comes first. The caller saves the run, and queues it where its lease changed.
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
