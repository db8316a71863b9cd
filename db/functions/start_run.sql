-- Starts a run of a registered workflow: inserts it with all its steps and queues its job, in the caller's transaction.
-- Under a known key it returns the run that has the key. SC001: no such workflow. SC006: a value out of range. SC007:
-- the key's run has another input.
create or replace function stepcast.start_run(
  workflow text,
  input jsonb default '{}',
  key text default null,
  again boolean default false,
  run_at timestamptz default null,
  priority integer default 0,
  tenant text default 'default',
  metadata jsonb default '{}'
)
returns uuid
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select id from stepcast.start_or_find_run(workflow, input, key, again, run_at, priority, tenant, metadata, true)
$$;
