-- SC002 where there is no such run, and where this session may not act for its tenant: the same answer, and before any
-- lock, because waiting for one would tell that the run is there.
create or replace function stepcast.check_run(p_run uuid)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The owner and superusers, whom it must cost nothing: hold_run tells them whether there is one.
  if pg_has_role(session_user, current_user, 'member') and coalesce(current_setting('stepcast.tenant', true), '') = '' then
    return;
  end if;
  if not exists (select from stepcast.runs r where r.id = p_run and stepcast.may_act_for(r.tenant)) then
    perform stepcast.fail_with('SC002', format('there is no run %s', coalesce(p_run::text, 'null')), 'stepcast.runs lists the runs.');
  end if;
end
$$;
