-- Whether the login of this session speaks for every tenant, and is believed when it says for whom: it is the server's,
-- an administrator's, the owner's of Stepcast or a superuser's. By session_user, which `set role` does not change and
-- which stays the caller's inside a function that is `security definer`; current_user is the owner there.
create or replace function stepcast.is_trusted()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return pg_has_role(session_user, current_user, 'member')
    or coalesce(pg_has_role(session_user, to_regrole('stepcast_server')::oid, 'member'), false)
    or coalesce(pg_has_role(session_user, to_regrole('stepcast_owner')::oid, 'member'), false);
end
$$;
