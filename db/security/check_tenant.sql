-- SC006 if this session may not name this tenant; the answer is the same whether or not a tenant of that name exists.
create or replace function stepcast.check_tenant(p_tenant text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not stepcast.may_act_for(p_tenant) then
    perform stepcast.fail_with('SC006', format('role %s may not name tenant %s', session_user, p_tenant),
      case when stepcast.is_trusted()
        then format('The setting stepcast.tenant is “%s”: name that tenant, or reset the setting.', left(current_setting('stepcast.tenant', true), 200))
        else 'Name a tenant that stepcast.role_tenants gives this role; who owns Stepcast can add one there.'
      end);
  end if;
end
$$;
