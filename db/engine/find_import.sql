-- The run that an earlier import of the same content made under its key; null: the key has no run. SC007: it has
-- another one.
create or replace function stepcast.find_import(p_new stepcast.runs, p_history jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known stepcast.runs;
  -- Earlier releases took the hash with the times as they were given.
  versions constant text[] := array[p_new.workflow_version, stepcast.history_version(p_history::text)];
begin
  select * into known
  from stepcast.runs r
  where r.tenant = p_new.tenant
    and r.workflow = p_new.workflow
    and r.key = p_new.key
  order by r.driver = 'outside' and r.workflow_version = any (versions) desc, r.id desc
  limit 1;
  if known.driver <> 'outside' or known.workflow_version <> all (versions) then
    perform stepcast.fail_with('SC007', format('key %s of workflow %s belongs to run %s, which was not imported from this', p_new.key, p_new.workflow, known.id),
      'Use another key, or delete that run first.');
  end if;
  return known.id;
end
$$;
