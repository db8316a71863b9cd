-- A run as clients know it: type Run in contract.ts. For row_to_json: see shown_step.sql.
create or replace function stepcast.shown_run(r stepcast.runs)
returns table (
  "id" uuid,
  "workflow" text,
  "workflowVersion" text,
  "key" text,
  "displayName" text,
  "displayNames" jsonb,
  "status" text,
  "progress" smallint,
  "error" text,
  "errorStack" text,
  "metadata" jsonb,
  "revision" bigint,
  "priority" smallint,
  "runAt" timestamptz,
  "parkedBy" integer,
  "createdAt" timestamptz,
  "createdBy" text,
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
    r.workflow,
    r.workflow_version,
    r.key,
    r.display_name,
    r.display_names,
    r.status,
    r.progress,
    r.error,
    r.error_stack,
    r.metadata,
    r.revision,
    r.priority,
    r.run_at,
    case when r.admission = 'parked' then r.concurrency_limit end,
    r.created_at,
    r.created_by,
    r.started_at,
    r.completed_at,
    r.duration,
    r.updated_at
$$;
