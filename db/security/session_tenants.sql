-- Whose rows this session sees in the tables: those of the tenant that a trusted login has set, else those of the
-- login's tenants in role_tenants. Every policy uses this; the owner and superusers bypass policies.
create or replace function stepcast.session_tenants()
returns text[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  said constant text := nullif(current_setting('stepcast.tenant', true), '');
begin
  -- Every role can set a setting.
  if said is not null and stepcast.is_trusted() then
    return array[said];
  end if;
  return array(
    select rt.tenant
    from stepcast.role_tenants rt
    where rt.role = session_user
  );
end
$$;
