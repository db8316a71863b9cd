-- Who is acting, for the journal: what the server says of its caller, else the role that logged in.
create or replace function stepcast.actor()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(current_setting('stepcast.actor', true), ''), session_user::text)
$$;
