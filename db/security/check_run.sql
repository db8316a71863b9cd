-- SC002 if there is no such run, or if this session may not act for its tenant. Both give the same answer, before any
-- lock, because waiting for one would reveal that the run exists.
create or replace function stepcast.check_run(p_run uuid)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Owner and superusers, for whom this must cost nothing: hold_run tells them whether the run exists.
  if pg_has_role(session_user, current_user, 'member') and coalesce(current_setting('stepcast.tenant', true), '') = '' then
    return;
  end if;
  if not exists (select from stepcast.runs r where r.id = p_run and stepcast.may_act_for(r.tenant)) then
    perform stepcast.fail_with('SC002', format('there is no run %s', coalesce(p_run::text, 'null')), 'stepcast.runs lists the runs.');
  end if;
end
$$;
