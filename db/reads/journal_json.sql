-- A journal entry as clients know it: type JournalEntry in contract.ts.
create or replace function stepcast.journal_json(j stepcast.journal)
returns json
language sql
stable
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
$$;
