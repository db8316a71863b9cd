-- Registers task names with Graphile Worker. Otherwise the first add_job for a name would block all others until it
-- commits.
create or replace function stepcast.register_tasks(p_names text[])
returns void
language sql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
  insert into _private_tasks (identifier)
  select name
  from unnest(p_names) name
  order by name
  on conflict do nothing
$$;
