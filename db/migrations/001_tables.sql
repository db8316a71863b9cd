-- Every table of Stepcast. The rules that no writer may break are constraints here, named after the truth they keep;
-- what needs to see the old row (status changes, monotonic progress, revisions) is in triggers/.
-- The tenant is in every table and in every foreign key, so that a row can never belong to another tenant than its run.

create schema if not exists stepcast;

-- What was applied: a file of migrations/ each, and one row for everything that is re-applied as a whole.
create table stepcast.migrations (
  name text primary key,
  hash text not null,
  applied_at timestamptz not null default clock_timestamp()
);

create table stepcast.workflows (
  name text not null,
  -- Hash of the step list and the input schema.
  version text not null,
  display_name text not null,
  display_names jsonb,
  -- [{step, displayName, displayNames, weight, substeps: [{step, …}]}], in order.
  steps jsonb not null,
  -- JSON Schema of the input; null: not checked.
  input_schema jsonb,
  registered_at timestamptz not null default clock_timestamp(),
  current boolean not null default false,
  constraint workflows_pkey primary key (name, version),
  constraint name_is_an_identifier check (name ~ '^[A-Za-z][A-Za-z0-9_.-]{0,62}$'),
  constraint steps_is_an_array check (jsonb_typeof(steps) = 'array')
);

create unique index one_current_version on stepcast.workflows (name) where current;

-- One row per live worker process. Its life is a session-level advisory lock (is the process there?) and a beat
-- (does it still run?); a row whose lock is gone or whose beat is old is taken over.
create table stepcast.workers (
  id integer generated always as identity primary key,
  name text not null,
  -- Names its connections in pg_stat_activity, so that whoever takes over can end what is left of them.
  application_name text not null,
  -- Its Graphile pool, which is what its jobs are locked by.
  graphile_pool text,
  started_at timestamptz not null default clock_timestamp(),
  beat_at timestamptz not null default clock_timestamp()
);

create table stepcast.runs (
  id uuid not null,
  tenant text not null default 'default',
  workflow text not null,
  workflow_version text not null,
  key text,
  display_name text not null,
  display_names jsonb,
  status text not null default 'pending',
  progress smallint not null default 0,
  input jsonb not null default '{}',
  output jsonb,
  error text,
  error_stack text,
  metadata jsonb not null default '{}',
  revision bigint not null default 1,
  run_at timestamptz not null default clock_timestamp(),
  priority smallint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null default session_user,
  started_at timestamptz,
  completed_at timestamptz,
  duration bigint generated always as ((extract(epoch from completed_at - started_at) * 1000)::bigint) stored,
  updated_at timestamptz not null default clock_timestamp(),
  -- Who drives it: our worker, or somebody outside by the step functions.
  driver text not null default 'worker',
  -- Fencing token: rises with every change of hands; a writer with an older one is refused.
  lease bigint not null default 0,
  worker integer,
  crashes integer not null default 0,
  -- An outside-driven run without a word since then fails.
  deadline timestamptz,
  deadline_after interval,
  -- The run's end is recorded, the workflow's onEnd has not been run yet.
  on_end_pending boolean not null default false,
  -- Revision of the last retry: a watcher older than that needs a snapshot, because progress fell.
  reset_revision bigint not null default 1,
  -- Revision of the last change of status: only that, not a tick, can move a run from one live list to another.
  status_revision bigint not null default 1,
  -- Numbers given out so far, under this row's lock: that makes them dense and in commit order.
  journal_entries integer not null default 0,
  log_lines bigint not null default 0,
  -- Sub-steps that stepcast.begin_step has added: to count them would cost more with each.
  substeps_added integer not null default 0,
  -- W3C trace context of whoever started it, for the spans of its worker; null: none was given.
  traceparent text,
  tracestate text,
  -- sum(weight * percent) and sum(weight) over the steps, so that a tick adds a difference and reads no other step.
  work_done numeric not null default 0,
  work_total numeric not null default 0,
  constraint runs_pkey primary key (id),
  constraint runs_id_tenant_key unique (id, tenant),
  constraint status_is_known check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  constraint progress_is_0_to_100 check (progress between 0 and 100),
  constraint progress_is_100_when_completed check ((progress = 100) = (status = 'completed')),
  constraint started_at_matches_status check (
    case when status = 'pending' then started_at is null
         when status in ('running', 'completed') then started_at is not null
         else true end
  ),
  constraint completed_at_matches_status check ((completed_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  constraint completed_after_started check (completed_at >= started_at),
  constraint failed_has_an_error check ((status <> 'failed' or error is not null) and (status in ('failed', 'cancelled') or error is null)),
  constraint only_a_running_run_has_a_worker check (worker is null or status = 'running'),
  constraint driver_is_known check (driver in ('worker', 'outside')),
  constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
-- Half of each page is free, so that one flush may write every row of a page and stay HOT; the next one prunes it.
) with (fillfactor = 50);

create index runs_by_key on stepcast.runs (tenant, workflow, key, id desc) where key is not null;
create unique index one_unfinished_run_a_key on stepcast.runs (tenant, workflow, key) where key is not null and status in ('pending', 'running');
create index runs_by_status on stepcast.runs (tenant, status, id desc);
create index runs_by_workflow on stepcast.runs (tenant, workflow, status, id desc);
-- In the order of bytes, so that keys with the same beginning lie together.
create index runs_by_key_beginning on stepcast.runs (tenant, key collate "C", id desc) where key is not null;
create index runs_completed on stepcast.runs (tenant, workflow, completed_at desc) where status = 'completed';
create index runs_unfinished on stepcast.runs (status) where status in ('pending', 'running');
create index runs_by_worker on stepcast.runs (worker) where worker is not null;
create index runs_with_a_deadline on stepcast.runs (id) where driver = 'outside' and status in ('pending', 'running');

create table stepcast.steps (
  id bigint generated always as identity,
  run_id uuid not null,
  tenant text not null,
  parent_id bigint,
  step text not null,
  display_name text not null,
  display_names jsonb,
  sequence integer not null,
  status text not null default 'pending',
  progress smallint not null default 0,
  weight numeric not null default 1,
  -- A sub-step of the workflow's definition: its parent takes its progress from these.
  declared boolean not null default true,
  has_declared_substeps boolean not null default false,
  -- Median and 95th percentile of past durations in milliseconds when the run was created; null: too few to say.
  usual bigint,
  usual_p95 bigint,
  -- So many runs these two stand on.
  usual_runs integer,
  message text,
  messages jsonb,
  attempt integer not null default 0,
  next_attempt_at timestamptz,
  error text,
  error_stack text,
  output jsonb,
  metadata jsonb not null default '{}',
  started_at timestamptz,
  completed_at timestamptz,
  duration bigint generated always as ((extract(epoch from completed_at - started_at) * 1000)::bigint) stored,
  revision bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint steps_pkey primary key (id),
  constraint steps_belong_to_a_run foreign key (run_id, tenant) references stepcast.runs (id, tenant) on delete cascade,
  constraint substeps_belong_to_a_step foreign key (parent_id) references stepcast.steps (id) on delete cascade,
  constraint step_is_unique_among_its_siblings unique nulls not distinct (run_id, parent_id, step),
  constraint step_has_a_name check (step <> '' and length(step) <= 200),
  constraint status_is_known check (status in ('pending', 'running', 'completed', 'failed', 'skipped', 'cancelled')),
  constraint progress_is_0_to_100 check (progress between 0 and 100),
  constraint progress_is_100_when_completed check ((progress = 100) = (status = 'completed')),
  -- Up to what can still be summed up and sent; NaN, which Postgres takes for more than any number, is not.
  constraint weight_is_positive_and_finite check (weight > 0 and weight <= 1e15),
  constraint started_at_matches_status check (
    case when status = 'pending' then started_at is null
         when status in ('running', 'completed', 'failed') then started_at is not null
         else true end
  ),
  constraint completed_at_matches_status check ((completed_at is not null) = (status in ('completed', 'failed', 'skipped', 'cancelled'))),
  constraint completed_after_started check (completed_at >= started_at),
  constraint failed_has_an_error check ((status = 'failed') = (error is not null)),
  constraint only_a_pending_step_waits check (next_attempt_at is null or (status = 'pending' and attempt > 0)),
  constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
) with (fillfactor = 50);

create index steps_by_parent on stepcast.steps (parent_id) where parent_id is not null;

create table stepcast.attempts (
  step_id bigint not null,
  run_id uuid not null,
  tenant text not null,
  attempt integer not null,
  worker text,
  status text not null default 'running',
  error text,
  error_stack text,
  started_at timestamptz not null default clock_timestamp(),
  completed_at timestamptz,
  duration bigint generated always as ((extract(epoch from completed_at - started_at) * 1000)::bigint) stored,
  constraint attempts_pkey primary key (step_id, attempt),
  constraint attempts_belong_to_a_step foreign key (step_id) references stepcast.steps (id) on delete cascade,
  constraint attempts_belong_to_a_run foreign key (run_id, tenant) references stepcast.runs (id, tenant) on delete cascade,
  constraint status_is_known check (status in ('running', 'completed', 'failed', 'skipped', 'cancelled')),
  constraint completed_at_matches_status check ((completed_at is not null) = (status <> 'running'))
);

create index attempts_by_run on stepcast.attempts (run_id);

-- Append-only, and without a foreign key: it outlives its run.
create table stepcast.journal (
  run_id uuid not null,
  tenant text not null,
  entry integer not null,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  step_id bigint,
  step text,
  attempt integer,
  from_status text,
  to_status text,
  reason text,
  constraint journal_pkey primary key (run_id, entry)
);

create table stepcast.logs (
  run_id uuid not null,
  tenant text not null,
  line bigint not null,
  step_id bigint,
  revision bigint not null,
  at timestamptz not null,
  level text not null,
  message text not null,
  constraint logs_pkey primary key (run_id, line),
  constraint logs_belong_to_a_run foreign key (run_id, tenant) references stepcast.runs (id, tenant) on delete cascade,
  constraint level_is_known check (level in ('debug', 'info', 'warn', 'error'))
);

-- What steps usually take, from the latest completed runs; read when a run is created.
create table stepcast.estimates (
  tenant text not null,
  workflow text not null,
  -- Name of the parent step, or '' for a step of the workflow itself.
  parent text not null,
  step text not null,
  p50 bigint not null,
  p95 bigint not null,
  samples integer not null,
  refreshed_at timestamptz not null default clock_timestamp(),
  constraint estimates_pkey primary key (tenant, workflow, parent, step)
);

-- One row at most. Unlogged: empty after a crash or a promotion, which is when commits may have been lost and
-- revisions may have fallen. See reads/current_epoch.sql.
create unlogged table stepcast.epoch (
  only_row boolean primary key default true check (only_row),
  epoch text not null
);

-- Whose rows a login of direct SQL sees and may change: `role` is its session_user. The server, an administrator, the
-- owner and a superuser need no row here.
create table stepcast.role_tenants (
  role name not null,
  tenant text not null,
  constraint role_tenants_pkey primary key (role, tenant)
);
