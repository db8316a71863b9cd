-- Entries of a run's journal after a given entry: type JournalEntry in contract.ts.
create or replace function stepcast.read_journal(p_tenant text, p_run uuid, p_after integer, p_limit integer)
returns setof json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select stepcast.journal_json(j)
  from stepcast.journal j
  where j.tenant = p_tenant
    and j.run_id = p_run
    and j.entry > coalesce(p_after, 0)
  order by j.entry
  limit p_limit
$$;
