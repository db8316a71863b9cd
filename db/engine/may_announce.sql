-- Whether the queue of notifications, which all databases of a cluster share, has room. It fills if a session listens
-- and does not read, as one in a long transaction; once it is full, Postgres refuses every commit that notifies. Then
-- changes are committed unannounced, and polling finds them. Being asked is also what frees a full queue again: of its
-- own, Postgres frees what has been read only when it adds more.
create or replace function stepcast.may_announce()
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select pg_notification_queue_usage() < 0.9
$$;
