-- The run that a start under a known key returns: the newest one, whatever its state; with `p_again` only an unfinished
-- one. A null run: there is none, start one. SC007: that run was started with another input.
create or replace function stepcast.run_of_key(p_new stepcast.runs, p_again boolean)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
begin
  -- Two index lookups: one query for both would read and sort all runs that the key ever had.
  select * into run
  from stepcast.runs r
  where r.tenant = p_new.tenant
    and r.workflow = p_new.workflow
    and r.key = p_new.key
    and r.status in ('pending', 'running');
  if not found then
    if p_again then
      return null;
    end if;
    select * into run
    from stepcast.runs r
    where r.tenant = p_new.tenant
      and r.workflow = p_new.workflow
      and r.key = p_new.key
    order by r.id desc
    limit 1;
  end if;
  if run.driver <> p_new.driver or (run.driver = 'outside' and run.workflow_version <> p_new.workflow_version) then
    perform stepcast.fail_with('SC007', format('key %s of workflow %s belongs to run %s, which is driven otherwise or has other steps', p_new.key, p_new.workflow, run.id),
      case when p_new.driver = 'worker' then 'Use another key, or again => true once that run is finished.' else 'Use another key.' end);
  end if;
  if run.input is distinct from p_new.input and run.id is not null then
    perform stepcast.fail_with('SC007', format('key %s of workflow %s belongs to run %s, which has another input', p_new.key, p_new.workflow, run.id),
      'Use another key, the same input, or again => true once that run is finished.');
  end if;
  return run;
end
$$;
