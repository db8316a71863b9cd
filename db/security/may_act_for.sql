-- Whether this session may start, change or name a tenant's runs. A trusted login may do so for every tenant, or for
-- the one that it has set; any other login for its tenants in role_tenants.
create or replace function stepcast.may_act_for(p_tenant text)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('stepcast.tenant', true), '') = '' and stepcast.is_trusted() then
    return true;
  end if;
  return p_tenant = any (stepcast.session_tenants());
end
$$;
