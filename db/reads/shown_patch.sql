-- What can change in a run while it is in progress: the `run` of type Patch in contract.ts. For row_to_json: see
-- shown_step.sql.
create or replace function stepcast.shown_patch(r stepcast.runs)
returns table (
  "id" uuid,
  "displayName" text,
  "displayNames" jsonb,
  "status" text,
  "progress" smallint,
  "error" text,
  "errorStack" text,
  "metadata" jsonb,
  "revision" bigint,
  "runAt" timestamptz,
  "parkedBy" integer,
  "startedAt" timestamptz,
  "completedAt" timestamptz,
  "duration" bigint,
  "updatedAt" timestamptz
)
language sql
stable
as $$
  select
    r.id,
    r.display_name,
    r.display_names,
    r.status,
    r.progress,
    r.error,
    r.error_stack,
    r.metadata,
    r.revision,
    r.run_at,
    case when r.admission = 'parked' then r.concurrency_limit end,
    r.started_at,
    r.completed_at,
    r.duration,
    r.updated_at
$$;
