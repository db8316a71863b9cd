-- Who is acting, for the journal: whom the server names as its caller, a worker's own name on a worker's connection,
-- else the role that logged in. Every role can set a setting, so it is not believed from others.
create or replace function stepcast.actor()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  said constant text := nullif(current_setting('stepcast.actor', true), '');
begin
  if said is null then
    return session_user;
  end if;
  if stepcast.is_trusted() or (
    coalesce(pg_has_role(session_user, to_regrole('stepcast_worker')::oid, 'member'), false)
    and exists (select from stepcast.workers w where 'worker ' || w.name = said)
  ) then
    return said;
  end if;
  return session_user;
end
$$;
