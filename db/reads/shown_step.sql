-- A step as clients know it: type Step in contract.ts. One row, for row_to_json, which takes half the time of
-- json_build_object: that looks up the type of every name and value of every row. Postgres inlines a function like this
-- into the query that uses it.
create or replace function stepcast.shown_step(s stepcast.steps)
returns table (
  "id" bigint,
  "parentId" bigint,
  "step" text,
  "displayName" text,
  "displayNames" jsonb,
  "sequence" integer,
  "status" text,
  "progress" smallint,
  "weight" numeric,
  "usual" bigint,
  "usualP95" bigint,
  "usualRuns" integer,
  "message" text,
  "messages" jsonb,
  "attempt" integer,
  "lastAttempt" integer,
  "nextAttemptAt" timestamptz,
  "error" text,
  "errorStack" text,
  "metadata" jsonb,
  "startedAt" timestamptz,
  "completedAt" timestamptz,
  "duration" bigint,
  "revision" bigint
)
language sql
stable
as $$
  select
    s.id,
    s.parent_id,
    s.step,
    s.display_name,
    s.display_names,
    s.sequence,
    s.status,
    s.progress,
    s.weight,
    s.usual,
    s.usual_p95,
    s.usual_runs,
    s.message,
    s.messages,
    s.attempt,
    s.attempt + s.attempts_allowed - s.failures - case when s.status = 'pending' then 0 else 1 end,
    s.next_attempt_at,
    s.error,
    s.error_stack,
    s.metadata,
    s.started_at,
    s.completed_at,
    s.duration,
    s.revision
$$;
