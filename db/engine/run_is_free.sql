-- Whether nobody holds a run's row at this moment. A batch of advance_runs returns `locked` both for a held run and for
-- a suspect, which is claimed on its own: this tells them apart.
create or replace function stepcast.run_is_free(p_run uuid)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from stepcast.runs r
  where r.id = p_run
  for no key update skip locked;
  return found;
end
$$;
