-- Erases the journals of up to `p_limit` runs that delete_run erased before a given time, and returns how many.
create or replace function stepcast.purge_tombstones(p_before timestamptz, p_limit integer)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  with old as (
    select run_id
    from stepcast.journal
    where action = 'delete'
      and at < p_before
    order by at
    limit p_limit
  ),
  gone as (
    delete from stepcast.journal j
    using old
    where j.run_id = old.run_id
    returning j.run_id
  )
  select count(distinct run_id)::integer
  from gone
$$;
