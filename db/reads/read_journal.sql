-- Entries of a run's journal after an entry: type JournalEntry of contract.ts.
create or replace function stepcast.read_journal(p_tenant text, p_run uuid, p_after integer, p_limit integer)
returns setof json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'entry', j.entry,
    'at', j.at,
    'actor', j.actor,
    'action', j.action,
    'stepId', j.step_id,
    'step', j.step,
    'attempt', j.attempt,
    'from', j.from_status,
    'to', j.to_status,
    'reason', j.reason
  )
  from stepcast.journal j
  where j.tenant = p_tenant
    and j.run_id = p_run
    and j.entry > coalesce(p_after, 0)
  order by j.entry
  limit p_limit
$$;
