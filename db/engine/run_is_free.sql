-- Whether nobody holds a run's row just now. A batch of advance_runs answers `locked` for what is held, and for a
-- suspect, which is claimed alone: this tells them apart.
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
