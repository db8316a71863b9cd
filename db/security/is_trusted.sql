-- Whether this session's login speaks for every tenant, and is believed when it says for whom it acts. That is so for
-- the server, an administrator, the owner of Stepcast and a superuser. Checked by session_user, which `set role` does
-- not change and which stays the caller's inside a `security definer` function; current_user is the owner there.
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
