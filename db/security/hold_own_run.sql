-- hold_run for a function that anybody may call: only for runs of the caller's tenants. SC002: the caller has no such
-- run.
create or replace function stepcast.hold_own_run(p_run uuid)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform stepcast.check_run(p_run);
  return stepcast.hold_run(p_run);
end
$$;
