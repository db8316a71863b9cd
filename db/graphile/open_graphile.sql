-- Lets the worker's role use Graphile Worker's tables, which have row-level security and no policy: without this, a
-- role that does not own them finds no jobs and cannot add any. Returns false if this session may not do so because
-- somebody else owns them.
create or replace function stepcast.open_graphile()
returns boolean
language plpgsql
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
declare
  graphile constant text := stepcast.graphile_schema();
  relation text;
begin
  if to_regrole('stepcast_worker') is null then
    return true;
  end if;
  execute format('grant usage on schema %I to stepcast_worker', graphile);
  execute format('grant select, insert, update, delete on all tables in schema %I to stepcast_worker', graphile);
  execute format('grant execute on all functions in schema %I to stepcast_worker', graphile);
  for relation in
    select c.relname
    from pg_class c
    where c.relnamespace = graphile::regnamespace
      and c.relrowsecurity
  loop
    execute format('drop policy if exists jobs_of_stepcast_workers on %I.%I', graphile, relation);
    execute format('create policy jobs_of_stepcast_workers on %I.%I to stepcast_worker using (true) with check (true)', graphile, relation);
  end loop;
  return true;
exception
  when insufficient_privilege then
    return false;
end
$$;
