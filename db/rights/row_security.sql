-- Row-level security on every table: without a policy, only the owner and superusers see a row. This file defines, once
-- for all roles, which rows of a tenant's data those who may read or write a table at all can reach; grants.sql says
-- who may.
-- The tenants are in a subquery, which is evaluated once per statement, on its own, so that an index on the tenant is
-- used.
do $$
declare
  tenants constant text := 'tenant = any ((select stepcast.session_tenants())::text[])';
  relation text;
  policy record;
begin
  for relation in
    select c.relname
    from pg_class c
    where c.relnamespace = 'stepcast'::regnamespace
      and c.relkind in ('r', 'p')
      and not c.relrowsecurity
  loop
    execute format('alter table stepcast.%I enable row level security', relation);
  end loop;

  for policy in
    select p.tablename, p.policyname
    from pg_policies p
    where p.schemaname = 'stepcast'
  loop
    execute format('drop policy %I on stepcast.%I', policy.policyname, policy.tablename);
  end loop;

  foreach relation in array '{runs,steps,attempts,journal,logs,estimates}'::text[] loop
    execute format('create policy rows_of_own_tenants on stepcast.%I for select using (%s)', relation, tenants);
  end loop;
  foreach relation in array '{runs,steps}'::text[] loop
    execute format('create policy changes_of_own_tenants on stepcast.%I for update using (%s) with check (%2$s)', relation, tenants);
  end loop;
  -- Neither belongs to a tenant: what can be started, and which workers there are.
  foreach relation in array '{workflows,workers}'::text[] loop
    execute format('create policy rows_of_all on stepcast.%I for select using (true)', relation);
  end loop;
  create policy own_tenants on stepcast.role_tenants for select using (role = session_user);

  if to_regrole('stepcast_owner') is not null then
    for relation in
      select c.relname
      from pg_class c
      where c.relnamespace = 'stepcast'::regnamespace
        and c.relkind in ('r', 'p')
    loop
      execute format('create policy rows_of_administrators on stepcast.%I to stepcast_owner using (true) with check (true)', relation);
    end loop;
  end if;
end
$$;
