-- An operator's action from outside SQL: in the name of an actor, only on a run of its tenant. SC002 if the tenant has
-- no such run, as if it did not exist. 55P03: somebody held the run's row for over a second.
create or replace function stepcast.operate_run(p_actor text, p_tenant text, p_run uuid, p_action text, p_argument text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Meanwhile the caller holds one of its server's connections, of which there are few.
set lock_timeout = '1s'
as $$
begin
  perform set_config('stepcast.actor', p_actor, true);
  if not exists (select from stepcast.runs where id = p_run and tenant = p_tenant) then
    perform stepcast.fail_with('SC002', format('there is no run %s', coalesce(p_run::text, 'null')), 'stepcast.runs lists the runs.');
  end if;
  if p_action = 'cancel' then
    perform stepcast.cancel_run(p_run, p_argument);
  elsif p_action = 'delete' then
    perform stepcast.delete_run(p_run, p_argument);
  else
    perform stepcast.retry_run(p_run, p_argument);
  end if;
end
$$;
