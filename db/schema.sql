-- What the migrations make, written by `npm run schema`. Not run by anything.

create table stepcast.attempts (
  step_id bigint not null,
  run_id uuid not null,
  tenant text not null,
  attempt integer not null,
  worker text,
  status text not null default 'running'::text,
  error text,
  error_stack text,
  started_at timestamp with time zone not null default clock_timestamp(),
  completed_at timestamp with time zone,
  duration bigint generated always as (((EXTRACT(epoch FROM (completed_at - started_at)) * (1000)::numeric))::bigint) stored,
  constraint attempts_belong_to_a_step FOREIGN KEY (step_id) REFERENCES stepcast.steps(id) ON DELETE CASCADE,
  constraint attempts_pkey PRIMARY KEY (step_id, attempt),
  constraint completed_at_matches_status CHECK (((completed_at IS NOT NULL) = (status <> 'running'::text))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])))
);
create table stepcast.chores (
  name text not null,
  done_at timestamp with time zone not null,
  constraint chores_pkey PRIMARY KEY (name)
);
create table stepcast.cursor_key (
  only_row boolean not null default true,
  key bytea not null,
  constraint cursor_key_only_row_check CHECK (only_row),
  constraint cursor_key_pkey PRIMARY KEY (only_row)
);
create unlogged table stepcast.epoch (
  only_row boolean not null default true,
  epoch text not null,
  written_by xid,
  constraint epoch_only_row_check CHECK (only_row),
  constraint epoch_pkey PRIMARY KEY (only_row)
);
create table stepcast.estimates (
  tenant text not null,
  workflow text not null,
  parent text not null,
  step text not null,
  p50 bigint not null,
  p95 bigint not null,
  samples integer not null,
  refreshed_at timestamp with time zone not null default clock_timestamp(),
  constraint estimates_pkey PRIMARY KEY (tenant, workflow, parent, step)
);
create table stepcast.journal (
  run_id uuid not null,
  tenant text not null,
  entry integer not null,
  at timestamp with time zone not null default clock_timestamp(),
  actor text not null,
  action text not null,
  step_id bigint,
  step text,
  attempt integer,
  from_status text,
  to_status text,
  reason text,
  workflow text,
  key text,
  constraint journal_pkey PRIMARY KEY (run_id, entry)
);
create table stepcast.logs (
  run_id uuid not null,
  tenant text not null,
  line bigint not null,
  step_id bigint,
  revision bigint not null,
  at timestamp with time zone not null,
  level text not null,
  message text not null,
  constraint level_is_known CHECK ((level = ANY (ARRAY['debug'::text, 'info'::text, 'warn'::text, 'error'::text]))),
  constraint logs_belong_to_a_run FOREIGN KEY (run_id, tenant) REFERENCES stepcast.runs(id, tenant) ON DELETE CASCADE,
  constraint logs_pkey PRIMARY KEY (run_id, line)
);
create table stepcast.migrations (
  name text not null,
  hash text not null,
  applied_at timestamp with time zone not null default clock_timestamp(),
  constraint migrations_pkey PRIMARY KEY (name)
);
create table stepcast.role_tenants (
  role name not null,
  tenant text not null,
  constraint role_tenants_pkey PRIMARY KEY (role, tenant)
);
create table stepcast.runs (
  id uuid not null,
  tenant text not null default 'default'::text,
  workflow text not null,
  workflow_version text not null,
  key text,
  display_name text not null,
  display_names jsonb,
  status text not null default 'pending'::text,
  progress smallint not null default 0,
  input jsonb not null default '{}'::jsonb,
  output jsonb,
  error text,
  error_stack text,
  metadata jsonb not null default '{}'::jsonb,
  revision bigint not null default 1,
  run_at timestamp with time zone not null default clock_timestamp(),
  priority smallint not null default 0,
  created_at timestamp with time zone not null default clock_timestamp(),
  created_by text not null default SESSION_USER,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  duration bigint,
  updated_at timestamp with time zone not null default clock_timestamp(),
  driver text not null default 'worker'::text,
  lease bigint not null default 0,
  worker integer,
  crashes integer not null default 0,
  deadline timestamp with time zone,
  deadline_after interval,
  on_end_pending boolean not null default false,
  reset_revision bigint not null default 1,
  status_revision bigint not null default 1,
  journal_entries integer not null default 0,
  log_lines bigint not null default 0,
  substeps_added integer not null default 0,
  traceparent text,
  tracestate text,
  work_done numeric not null default 0,
  work_total numeric not null default 0,
  concurrency_slot text,
  concurrency_limit integer,
  admission text,
  attention boolean not null default false,
  faults smallint not null default 0,
  constraint a_slot_has_a_limit_and_an_admission CHECK ((((concurrency_slot IS NULL) = (concurrency_limit IS NULL)) AND ((concurrency_slot IS NULL) = (admission IS NULL)))),
  constraint admission_is_known CHECK ((admission = ANY (ARRAY['queued'::text, 'parked'::text, 'admitted'::text]))),
  constraint completed_after_started CHECK ((completed_at >= started_at)),
  constraint completed_at_matches_status CHECK (((completed_at IS NOT NULL) = (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])))),
  constraint driver_is_known CHECK ((driver = ANY (ARRAY['worker'::text, 'outside'::text]))),
  constraint failed_has_an_error CHECK ((((status <> 'failed'::text) OR (error IS NOT NULL)) AND ((status = ANY (ARRAY['failed'::text, 'cancelled'::text])) OR (error IS NULL)))),
  constraint metadata_is_an_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint only_a_running_run_has_a_worker CHECK (((worker IS NULL) OR (status = 'running'::text))),
  constraint progress_is_0_to_100 CHECK (((progress >= 0) AND (progress <= 100))),
  constraint progress_is_100_when_completed CHECK (((progress = 100) = (status = 'completed'::text))),
  constraint runs_id_tenant_key UNIQUE (id, tenant),
  constraint runs_pkey PRIMARY KEY (id),
  constraint started_at_matches_status CHECK (
CASE
    WHEN (status = 'pending'::text) THEN (started_at IS NULL)
    WHEN (status = ANY (ARRAY['running'::text, 'completed'::text])) THEN (started_at IS NOT NULL)
    ELSE true
END),
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
) with (fillfactor=50);
create table stepcast.steps (
  id bigint not null generated always as identity,
  run_id uuid not null,
  tenant text not null,
  parent_id bigint,
  step text not null,
  display_name text not null,
  display_names jsonb,
  sequence integer not null,
  status text not null default 'pending'::text,
  progress smallint not null default 0,
  weight numeric not null default 1,
  declared boolean not null default true,
  has_declared_substeps boolean not null default false,
  usual bigint,
  usual_p95 bigint,
  usual_runs integer,
  message text,
  messages jsonb,
  attempt integer not null default 0,
  next_attempt_at timestamp with time zone,
  error text,
  error_stack text,
  output jsonb,
  metadata jsonb not null default '{}'::jsonb,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  duration bigint,
  revision bigint not null default 1,
  created_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  needs smallint[],
  skipped_with_needs boolean not null default false,
  attempts_allowed smallint not null default 1,
  failures smallint not null default 0,
  timeout bigint,
  timeout_at timestamp with time zone,
  stuck_after bigint default 600000,
  constraint completed_after_started CHECK ((completed_at >= started_at)),
  constraint completed_at_matches_status CHECK (((completed_at IS NOT NULL) = (status = ANY (ARRAY['completed'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])))),
  constraint failed_has_an_error CHECK ((((status <> 'failed'::text) OR (error IS NOT NULL)) AND ((error IS NULL) OR (status = 'failed'::text) OR (next_attempt_at IS NOT NULL)))),
  constraint metadata_is_an_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint only_a_pending_step_waits CHECK (((next_attempt_at IS NULL) OR ((status = 'pending'::text) AND (attempt > 0)))),
  constraint only_a_running_step_times_out CHECK (((timeout_at IS NULL) OR (status = 'running'::text))),
  constraint progress_is_0_to_100 CHECK (((progress >= 0) AND (progress <= 100))),
  constraint progress_is_100_when_completed CHECK (((progress = 100) = (status = 'completed'::text))),
  constraint started_at_matches_status CHECK (
CASE
    WHEN (status = 'pending'::text) THEN (started_at IS NULL)
    WHEN (status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text])) THEN (started_at IS NOT NULL)
    ELSE true
END),
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text]))),
  constraint step_has_a_name CHECK (((step <> ''::text) AND (length(step) <= 200))),
  constraint step_is_unique_among_its_siblings UNIQUE NULLS NOT DISTINCT (run_id, parent_id, step),
  constraint steps_belong_to_a_run FOREIGN KEY (run_id, tenant) REFERENCES stepcast.runs(id, tenant) ON DELETE CASCADE,
  constraint steps_pkey PRIMARY KEY (id),
  constraint stuck_after_is_positive CHECK ((stuck_after > 0)),
  constraint substeps_belong_to_a_step FOREIGN KEY (parent_id) REFERENCES stepcast.steps(id) ON DELETE CASCADE,
  constraint timeout_is_positive CHECK ((timeout > 0)),
  constraint weight_is_positive_and_finite CHECK (((weight > (0)::numeric) AND (weight <= '1000000000000000'::numeric)))
) with (fillfactor=50);
create table stepcast.workers (
  id integer not null generated always as identity,
  name text not null,
  application_name text not null,
  graphile_pool text,
  started_at timestamp with time zone not null default clock_timestamp(),
  beat_at timestamp with time zone not null default clock_timestamp(),
  serves text[] not null default '{}'::text[],
  constraint workers_pkey PRIMARY KEY (id)
);
create table stepcast.workflows (
  name text not null,
  version text not null,
  display_name text not null,
  display_names jsonb,
  steps jsonb not null,
  input_schema jsonb,
  registered_at timestamp with time zone not null default clock_timestamp(),
  current boolean not null default false,
  options jsonb not null default '{}'::jsonb,
  constraint name_is_an_identifier CHECK ((name ~ '^[A-Za-z][A-Za-z0-9_.-]{0,62}$'::text)),
  constraint steps_is_an_array CHECK ((jsonb_typeof(steps) = 'array'::text)),
  constraint workflows_pkey PRIMARY KEY (name, version)
);

CREATE INDEX attempts_by_run ON stepcast.attempts USING btree (run_id);
CREATE UNIQUE INDEX one_current_version ON stepcast.workflows USING btree (name) WHERE current;
CREATE UNIQUE INDEX one_unfinished_run_a_key ON stepcast.runs USING btree (tenant, workflow, key) WHERE ((key IS NOT NULL) AND (status = ANY (ARRAY['pending'::text, 'running'::text])));
CREATE INDEX runs_admitted ON stepcast.runs USING btree (concurrency_slot) WHERE ((admission = 'admitted'::text) AND (status = ANY (ARRAY['pending'::text, 'running'::text])));
CREATE INDEX runs_by_key ON stepcast.runs USING btree (tenant, workflow, key, id DESC) WHERE (key IS NOT NULL);
CREATE INDEX runs_by_key_beginning ON stepcast.runs USING btree (tenant, key COLLATE "C", id DESC) WHERE (key IS NOT NULL);
CREATE INDEX runs_by_status ON stepcast.runs USING btree (tenant, status, id DESC);
CREATE INDEX runs_by_worker ON stepcast.runs USING btree (worker) WHERE (worker IS NOT NULL);
CREATE INDEX runs_by_workflow ON stepcast.runs USING btree (tenant, workflow, status, id DESC);
CREATE INDEX runs_completed ON stepcast.runs USING btree (tenant, workflow, completed_at DESC) WHERE (status = 'completed'::text);
CREATE INDEX runs_counted ON stepcast.runs USING btree (tenant, workflow, completed_at DESC) INCLUDE (status, duration) WHERE (completed_at IS NOT NULL);
CREATE INDEX runs_finished ON stepcast.runs USING btree (completed_at, id) WHERE (completed_at IS NOT NULL);
CREATE INDEX runs_parked ON stepcast.runs USING btree (concurrency_slot, priority, run_at) WHERE (admission = 'parked'::text);
CREATE INDEX runs_unfinished ON stepcast.runs USING btree (status) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));
CREATE INDEX runs_with_a_deadline ON stepcast.runs USING btree (id) WHERE ((deadline_after IS NOT NULL) AND ((status = 'running'::text) OR ((status = 'pending'::text) AND (driver = 'outside'::text))));
CREATE INDEX runs_without_a_worker ON stepcast.runs USING btree (id) WHERE ((worker IS NULL) AND (driver = 'worker'::text) AND ((status = ANY (ARRAY['pending'::text, 'running'::text])) OR on_end_pending));
CREATE INDEX steps_by_parent ON stepcast.steps USING btree (parent_id, sequence) WHERE (parent_id IS NOT NULL);
CREATE INDEX tombstones ON stepcast.journal USING btree (at, run_id) WHERE (action = 'delete'::text);

CREATE TRIGGER keep_all_entries BEFORE TRUNCATE ON stepcast.journal FOR EACH STATEMENT EXECUTE FUNCTION stepcast.keep_journal();
CREATE TRIGGER keep_entries BEFORE DELETE ON stepcast.journal FOR EACH STATEMENT WHEN ((COALESCE(current_setting('stepcast.erases_journal'::text, true), ''::text) <> 'on'::text)) EXECUTE FUNCTION stepcast.keep_journal();
CREATE TRIGGER keep_journal BEFORE UPDATE ON stepcast.journal FOR EACH ROW EXECUTE FUNCTION stepcast.keep_journal();
CREATE TRIGGER a_write_run_plainly BEFORE UPDATE ON stepcast.runs FOR EACH ROW WHEN ((old.revision = new.revision)) EXECUTE FUNCTION stepcast.write_run_plainly();
CREATE TRIGGER announce_deleted_runs AFTER DELETE ON stepcast.runs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stepcast.announce_runs();
CREATE TRIGGER announce_inserted_runs AFTER INSERT ON stepcast.runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stepcast.announce_runs();
CREATE TRIGGER announce_updated_runs AFTER UPDATE ON stepcast.runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stepcast.announce_runs();
CREATE TRIGGER change_run_status BEFORE UPDATE ON stepcast.runs FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION stepcast.change_run_status();
CREATE TRIGGER free_place AFTER UPDATE ON stepcast.runs FOR EACH ROW WHEN (((old.concurrency_slot IS NOT NULL) AND (old.status = ANY (ARRAY['pending'::text, 'running'::text])) AND (new.status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])))) EXECUTE FUNCTION stepcast.free_place();
CREATE TRIGGER free_place_of_deleted AFTER DELETE ON stepcast.runs FOR EACH ROW WHEN ((old.concurrency_slot IS NOT NULL)) EXECUTE FUNCTION stepcast.free_place();
CREATE TRIGGER a_write_step_plainly BEFORE UPDATE ON stepcast.steps FOR EACH ROW WHEN ((old.revision = new.revision)) EXECUTE FUNCTION stepcast.write_step_plainly();
CREATE TRIGGER change_step_status BEFORE UPDATE ON stepcast.steps FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION stepcast.change_step_status();
CREATE TRIGGER raise_steps AFTER UPDATE ON stepcast.steps FOR EACH STATEMENT WHEN ((COALESCE(current_setting('stepcast.steps_to_follow'::text, true), ''::text) <> ''::text)) EXECUTE FUNCTION stepcast.raise_steps();

function stepcast.actor() returns text;
function stepcast.add_substep(p_run stepcast.runs, p_parent stepcast.steps, p_step text) returns stepcast.steps;
function stepcast.admit_all_parked_runs() returns void;
function stepcast.admit_parked_runs(p_slot text) returns void;
function stepcast.admit_run(p_run uuid) returns boolean;
function stepcast.advance_runs(p_worker integer, p_runs uuid[], p_leases bigint[], p_steps bigint[], p_attempts integer[], p_statuses text[], p_outputs jsonb[], p_reasons text[], p_settles boolean[], p_alone boolean) returns TABLE(place integer, outcome text, lease bigint, revision bigint, status text, began jsonb, unfinished integer, wake_ms bigint, claim jsonb);
function stepcast.announce(p_runs uuid[], p_revisions bigint[], p_news smallint[]) returns void;
function stepcast.announce_jobs(p_count bigint) returns void;
function stepcast.announce_runs() returns trigger;
function stepcast.attend_run(p_run stepcast.runs, p_except bigint DEFAULT NULL::bigint) returns stepcast.runs;
function stepcast.await_retry(p_run stepcast.runs, p_step stepcast.steps, p_delay interval, p_error text, p_error_stack text) returns stepcast.runs;
function stepcast.beat(p_worker integer) returns TABLE(run uuid, lease bigint, attention boolean, running jsonb, overdue jsonb);
function stepcast.begin_step(run uuid, step text) returns void;
function stepcast.begin_substep(p_run uuid, p_lease bigint, p_parent bigint, p_parent_attempt integer, p_step text) returns TABLE(id bigint, attempt integer, completed boolean, output jsonb);
function stepcast.beginnings_of(p_path text) returns text[];
function stepcast.cancel_run(run uuid, reason text DEFAULT NULL::text) returns void;
function stepcast.change_run_status() returns trigger;
function stepcast.change_step_status() returns trigger;
function stepcast.check_attempts(p_step stepcast.steps) returns void;
function stepcast.check_import(p_value jsonb, p_place text, p_members text[]) returns void;
function stepcast.check_imported_attempt(p_attempt jsonb, p_place text) returns void;
function stepcast.check_imported_step(p_step jsonb, p_place text) returns void;
function stepcast.check_json(p_what text, p_json jsonb, p_most integer DEFAULT 1048576) returns void;
function stepcast.check_metadata(p_what text, p_metadata jsonb) returns void;
function stepcast.check_opened_steps(p_steps jsonb, p_place text DEFAULT ''::text) returns void;
function stepcast.check_references(p_at_once boolean) returns void;
function stepcast.check_run(p_run uuid) returns void;
function stepcast.check_steps(p_steps jsonb, p_most integer) returns void;
function stepcast.check_tenant(p_tenant text) returns void;
function stepcast.check_text(p_what text, p_text text, p_most integer DEFAULT 20000) returns void;
function stepcast.check_texts(p_what text, p_texts jsonb) returns void;
function stepcast.check_time(p_what text, p_time timestamp with time zone, p_last timestamp with time zone DEFAULT '9999-12-31 00:00:00+00'::timestamp with time zone) returns void;
function stepcast.check_weight(p_run uuid, p_bytes integer) returns void;
function stepcast.claim_json(p_run stepcast.runs) returns jsonb;
function stepcast.claimed_results(p_run uuid) returns jsonb;
function stepcast.complete_step(run uuid, step text, output jsonb DEFAULT NULL::jsonb) returns void;
function stepcast.complete_substep(p_run uuid, p_lease bigint, p_step bigint, p_attempt integer, p_output jsonb) returns void;
function stepcast.count_purgeable(p_older_than interval, p_workflow text) returns bigint;
function stepcast.count_substep(p_run stepcast.runs, p_parent stepcast.steps) returns stepcast.runs;
function stepcast.create_run(p_new stepcast.runs, p_again boolean, p_display_name text, p_display_names jsonb, p_steps jsonb, OUT id uuid, OUT created boolean) returns record;
function stepcast.create_runs(p_new stepcast.runs[], p_display_name text, p_display_names jsonb, p_steps jsonb) returns void;
function stepcast.current_epoch() returns text;
function stepcast.current_workflow(p_name text) returns stepcast.workflows;
function stepcast.cursor_key() returns bytea;
function stepcast.definition_of(p_run stepcast.runs, p_step stepcast.steps) returns jsonb;
function stepcast.delete_replaced_jobs() returns void;
function stepcast.delete_run(run uuid, reason text DEFAULT NULL::text) returns void;
function stepcast.driver_name(p_run stepcast.runs) returns text;
function stepcast.duration_between(p_start timestamp with time zone, p_end timestamp with time zone) returns bigint;
function stepcast.duration_edges() returns bigint[];
function stepcast.end_attempt(p_step stepcast.steps, p_status text, p_error text DEFAULT NULL::text, p_error_stack text DEFAULT NULL::text) returns void;
function stepcast.end_of_run(p_run uuid) returns TABLE(status text, error text);
function stepcast.end_run(p_run stepcast.runs, p_status text, p_output jsonb DEFAULT NULL::jsonb, p_error text DEFAULT NULL::text, p_error_stack text DEFAULT NULL::text, p_except bigint DEFAULT NULL::bigint) returns stepcast.runs;
function stepcast.end_sessions(p_application_name text) returns boolean;
function stepcast.end_stuck_step(p_run stepcast.runs, p_step stepcast.steps, p_reason text) returns void;
function stepcast.end_stuck_steps() returns SETOF uuid;
function stepcast.end_substeps(p_run stepcast.runs, p_step stepcast.steps, p_reason text) returns stepcast.runs;
function stepcast.end_substeps_of(p_step bigint, p_status text) returns void;
function stepcast.erase_runs(p_runs uuid[]) returns uuid[];
function stepcast.expire_runs() returns SETOF uuid;
function stepcast.fail_attempt(p_worker integer, p_run uuid, p_lease bigint, p_step bigint, p_attempt integer, p_error text, p_error_stack text, p_retryable boolean, p_settles boolean) returns TABLE(place integer, outcome text, lease bigint, revision bigint, status text, began jsonb, unfinished integer, wake_ms bigint, claim jsonb);
function stepcast.fail_run(p_run stepcast.runs, p_reason text) returns void;
function stepcast.fail_step(run uuid, step text, error text, error_stack text DEFAULT NULL::text) returns void;
function stepcast.fail_substep(p_run uuid, p_lease bigint, p_step bigint, p_attempt integer, p_error text, p_error_stack text) returns void;
function stepcast.fail_with(code text, message text, hint text DEFAULT NULL::text) returns void;
function stepcast.fail_without_step(p_run uuid, p_step text) returns void;
function stepcast.fill_in(template text, input jsonb, longest integer DEFAULT 200) returns text;
function stepcast.fill_in_all(templates jsonb, input jsonb) returns jsonb;
function stepcast.find_import(p_new stepcast.runs, p_history jsonb) returns uuid;
function stepcast.find_runs(p_tenants text[], p_runs uuid[]) returns TABLE(tenant text, id uuid, workflow text, key text, status text);
function stepcast.find_step(p_run uuid, p_step text) returns bigint;
function stepcast.finish_run(run uuid, output jsonb DEFAULT NULL::jsonb) returns void;
function stepcast.first_error(p_run uuid, OUT error text, OUT error_stack text) returns record;
function stepcast.flush_reports(p_held uuid[], p_leases bigint[], p_positions integer[], p_steps bigint[], p_progress integer[], p_messages text[], p_messages_per_language jsonb[], p_metadata jsonb[], p_log_positions integer[], p_log_steps bigint[], p_log_times timestamp with time zone[], p_log_levels text[], p_log_messages text[], p_now timestamp with time zone DEFAULT NULL::timestamp with time zone) returns TABLE(place integer, outcome text);
function stepcast.free_place() returns trigger;
function stepcast.free_places(p_slot text, p_limit integer) returns integer;
function stepcast.graphile_schema() returns text;
function stepcast.hand_over_lost_runs(p_worker integer, p_runs uuid[]) returns void;
function stepcast.hand_over_run(p_run uuid, p_worker stepcast.workers, p_crashed boolean, p_blamed boolean DEFAULT true, p_reason text DEFAULT NULL::text) returns void;
function stepcast.hand_over_runs(p_worker stepcast.workers, p_crashed boolean) returns bigint;
function stepcast.history_in_utc(p_history jsonb) returns text;
function stepcast.history_version(p_content text) returns text;
function stepcast.hold_attempt(p_run uuid, p_step bigint, p_attempt integer) returns stepcast.steps;
function stepcast.hold_leased_run(p_run uuid, p_lease bigint) returns stepcast.runs;
function stepcast.hold_moves(p_worker integer, p_runs uuid[], p_leases bigint[], p_steps bigint[], p_attempts integer[], p_alone boolean) returns integer[];
function stepcast.hold_outside_run(p_run uuid) returns stepcast.runs;
function stepcast.hold_own_run(p_run uuid) returns stepcast.runs;
function stepcast.hold_run(p_run uuid) returns stepcast.runs;
function stepcast.hold_step(p_run stepcast.runs, p_step text) returns stepcast.steps;
function stepcast.hold_step_by_id(p_run uuid, p_step bigint) returns stepcast.steps;
function stepcast.import_attempts(p_step stepcast.steps, p_attempts jsonb) returns void;
function stepcast.import_run(history jsonb) returns uuid;
function stepcast.import_step(p_run stepcast.runs, p_parent bigint, p_position integer, p_step jsonb) returns bigint;
function stepcast.imported_percent(p_step jsonb) returns integer;
function stepcast.imported_percents(p_steps jsonb) returns integer;
function stepcast.imported_run(p_history jsonb) returns stepcast.runs;
function stepcast.imported_steps(p_steps jsonb) returns TABLE(path text, level integer, "position" integer, definition jsonb);
function stepcast.insert_import(p_new stepcast.runs) returns stepcast.runs;
function stepcast.insert_steps(p_runs stepcast.runs[], p_steps jsonb, p_parent text DEFAULT ''::text, p_parents bigint[] DEFAULT NULL::bigint[]) returns void;
function stepcast.is_suspect(p_run stepcast.runs) returns boolean;
function stepcast.is_trusted() returns boolean;
function stepcast.is_unserved(r stepcast.runs, p_served text[]) returns boolean;
function stepcast.journal_json(j stepcast.journal) returns json;
function stepcast.journal_start(p_run stepcast.runs) returns stepcast.runs;
function stepcast.keep_journal() returns trigger;
function stepcast.last_output(p_run uuid) returns jsonb;
function stepcast.lead() returns boolean;
function stepcast.learn_estimates(p_tenant text, p_workflow text) returns void;
function stepcast.let_go(p_run stepcast.runs, p_except bigint, p_reason text) returns stepcast.runs;
function stepcast.lets_siblings_finish(p_run stepcast.runs) returns boolean;
function stepcast.line_before(p_run uuid, p_log_lines bigint, p_since bigint, p_line bigint) returns bigint;
function stepcast.list_runs(p_tenant text, p_workflow text, p_statuses text[], p_key text, p_q text, p_after uuid, p_limit integer) returns json;
function stepcast.list_stuck(p_tenant text, p_limit integer) returns SETOF json;
function stepcast.list_workflows() returns SETOF json;
function stepcast.listed_runs(p_tenant text, p_workflow text, p_statuses text[], p_key text, p_q text, p_after uuid, p_limit integer, OUT runs uuid[], OUT walked uuid) returns record;
function stepcast.live_workers() returns SETOF stepcast.workers;
function stepcast.lock_key(p_tenant text, p_workflow text, p_key text) returns void;
function stepcast.lock_slot(p_slot text) returns boolean;
function stepcast.log_json(l stepcast.logs) returns json;
function stepcast.log_line(run uuid, step text, level text, message text) returns void;
function stepcast.may_act_for(p_tenant text) returns boolean;
function stepcast.may_announce() returns boolean;
function stepcast.may_claim(p_run stepcast.runs, p_worker integer, p_alone boolean) returns boolean;
function stepcast.measure_run(p_run uuid, p_instead stepcast.steps, OUT done numeric, OUT total numeric, OUT percent integer) returns record;
function stepcast.merge_metadata(p_old jsonb, p_new jsonb) returns jsonb;
function stepcast.moments(p_first timestamp with time zone, p_until timestamp with time zone, p_unit text, p_zone text) returns SETOF timestamp with time zone;
function stepcast.named_step(p_run uuid, p_step text) returns bigint;
function stepcast.new_lines(p_run uuid, p_revision bigint, p_log_lines bigint, p_since bigint, p_line bigint, p_is_patch boolean, p_most_bytes integer) returns TABLE(lines text, line bigint, cut boolean);
function stepcast.newer_id(p_new stepcast.runs) returns uuid;
function stepcast.newest_ended(p_tenant text, p_workflows text[], p_since timestamp with time zone, p_until timestamp with time zone, p_most integer) returns timestamp with time zone;
function stepcast.newest_listed(p_tenants text[], p_workflows text[], p_statuses text[], p_keys text[], p_qs text[], p_limits integer[]) returns TABLE(place integer, runs uuid[]);
function stepcast.newest_of(p_tenant text, p_workflows text[], p_statuses text[], p_before uuid, p_until uuid, p_limit integer) returns SETOF uuid;
function stepcast.newest_runs(p_tenants text[], p_workflows text[], p_keys text[]) returns TABLE(tenant text, workflow text, key text, run uuid);
function stepcast.next_attempt_at(p_run uuid) returns timestamp with time zone;
function stepcast.open_graphile() returns boolean;
function stepcast.open_run(workflow text, steps jsonb, key text DEFAULT NULL::text, tenant text DEFAULT 'default'::text, deadline interval DEFAULT NULL::interval, metadata jsonb DEFAULT '{}'::jsonb) returns uuid;
function stepcast.operate_run(p_actor text, p_tenant text, p_run uuid, p_action text, p_argument text) returns void;
function stepcast.operate_step(p_run stepcast.runs, p_old stepcast.steps, p_new stepcast.steps) returns void;
function stepcast.owe_on_end(p_run stepcast.runs) returns stepcast.runs;
function stepcast.peek_run(p_run uuid) returns TABLE(status text, input jsonb, on_end_pending boolean);
function stepcast.position_of(p_run uuid) returns json;
function stepcast.positions_of(p_names jsonb, p_steps jsonb) returns smallint[];
function stepcast.postpone_run(p_run uuid, p_by interval) returns void;
function stepcast.purge_batch(p_older_than interval, p_workflow text, p_place jsonb, p_limit integer, OUT deleted bigint, OUT passed_over bigint, OUT place jsonb) returns record;
function stepcast.purge_runs(older_than interval, workflow text DEFAULT NULL::text) returns bigint;
function stepcast.purge_tombstones(p_before timestamp with time zone, p_limit integer) returns integer;
function stepcast.queue_new_runs(p_runs stepcast.runs[]) returns void;
function stepcast.queue_run(p_run stepcast.runs) returns void;
function stepcast.raise_parents(p_step stepcast.steps) returns stepcast.steps;
function stepcast.raise_runs(p_steps bigint[]) returns void;
function stepcast.raise_steps() returns trigger;
function stepcast.rate_of(p_completed bigint, p_failed bigint) returns numeric;
function stepcast.read_changes(p_runs uuid[], p_since bigint[], p_lines bigint[], p_steps boolean[], p_rows boolean[]) returns TABLE(run uuid, revision bigint, status text, epoch text, kind text, shown text, steps text, current text, lines text, line bigint, cut boolean, now text);
function stepcast.read_durations(p_tenant text, p_workflow text, p_parent text, p_step text, p_since timestamp with time zone, p_until timestamp with time zone) returns SETOF json;
function stepcast.read_filed(p_runs uuid[]) returns TABLE(run uuid, tenant text, workflow text, status text, key text);
function stepcast.read_journal(p_tenant text, p_run uuid, p_after integer, p_limit integer) returns SETOF json;
function stepcast.read_logs(p_tenant text, p_run uuid, p_step text, p_after bigint, p_level text, p_limit integer) returns SETOF json;
function stepcast.read_metrics() returns json;
function stepcast.read_revisions(p_runs uuid[]) returns TABLE(run uuid, revision bigint, epoch text);
function stepcast.read_run(p_tenant text, p_run uuid) returns json;
function stepcast.read_run_stats(p_tenant text, p_workflows text[], p_since timestamp with time zone, p_until timestamp with time zone, p_first timestamp with time zone, p_unit text, p_zone text) returns json;
function stepcast.read_running_stats(p_tenant text, p_workflows text[]) returns json;
function stepcast.read_stats(p_tenant text, p_workflows text[], p_since timestamp with time zone, p_until timestamp with time zone) returns SETOF json;
function stepcast.refresh_estimates(p_tenant text, p_workflow text) returns void;
function stepcast.refuse_run(p_run uuid, p_error text) returns boolean;
function stepcast.register_pool(p_worker integer, p_pool text) returns void;
function stepcast.register_tasks(p_names text[]) returns void;
function stepcast.register_worker(p_name text, p_application_name text, p_serves text[] DEFAULT '{}'::text[]) returns integer;
function stepcast.register_workflow(p_name text, p_version text, p_display_name text, p_display_names jsonb, p_steps jsonb, p_input_schema jsonb, p_options jsonb, p_take_current boolean DEFAULT false) returns boolean;
function stepcast.release_run(p_worker integer, p_run uuid, p_lease bigint, p_reason text) returns boolean;
function stepcast.release_worker(p_worker integer) returns void;
function stepcast.report_step(run uuid, step text, progress integer DEFAULT NULL::integer, message text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb) returns void;
function stepcast.requeue_jobs(p_worker stepcast.workers) returns void;
function stepcast.requeue_lost_runs(p_after uuid, OUT queued uuid[], OUT place uuid) returns record;
function stepcast.reset_parents(p_run stepcast.runs) returns void;
function stepcast.reset_run(p_run stepcast.runs) returns void;
function stepcast.reset_step(p_run stepcast.runs, p_step stepcast.steps, p_forget boolean DEFAULT false) returns stepcast.steps;
function stepcast.results_of(p_run uuid, p_steps text[]) returns TABLE(step text, status text, output jsonb);
function stepcast.resume_run(p_worker integer, p_run uuid, p_lease bigint, p_step bigint, p_attempt integer) returns TABLE(place integer, outcome text, lease bigint, revision bigint, status text, began jsonb, unfinished integer, wake_ms bigint, claim jsonb);
function stepcast.retry_delay(p_run stepcast.runs, p_step stepcast.steps) returns interval;
function stepcast.retry_run(run uuid, from_step text DEFAULT NULL::text) returns void;
function stepcast.run_durations(p_since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, p_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, p_workflows text[] DEFAULT NULL::text[]) returns TABLE(tenant text, at_least bigint, below bigint, runs bigint);
function stepcast.run_info(p_run stepcast.runs) returns jsonb;
function stepcast.run_is_free(p_run uuid) returns boolean;
function stepcast.run_matches(p_q text, p_id uuid, p_key text, p_workflow text) returns boolean;
function stepcast.run_of_key(p_new stepcast.runs, p_again boolean) returns stepcast.runs;
function stepcast.run_stats(p_since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, p_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, p_workflows text[] DEFAULT NULL::text[]) returns TABLE(tenant text, runs bigint, completed bigint, failed bigint, cancelled bigint, success_rate numeric, average_duration bigint, p50_duration bigint, p95_duration bigint);
function stepcast.run_trend(p_since timestamp with time zone, p_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, p_unit text DEFAULT 'day'::text, p_zone text DEFAULT 'UTC'::text, p_workflows text[] DEFAULT NULL::text[]) returns TABLE(tenant text, at timestamp with time zone, runs bigint, completed bigint, failed bigint, cancelled bigint, success_rate numeric, p50_duration bigint, p95_duration bigint);
function stepcast.save_run(p_run stepcast.runs, p_instead stepcast.steps DEFAULT NULL::stepcast.steps) returns void;
function stepcast.search_runs(p_tenant text, p_workflow text, p_statuses text[], p_q text, p_before uuid, p_limit integer, OUT runs uuid[], OUT walked uuid) returns record;
function stepcast.session_tenants() returns text[];
function stepcast.set_step(p_run stepcast.runs, p_step stepcast.steps, p_status text, p_output jsonb DEFAULT NULL::jsonb, p_error text DEFAULT NULL::text, p_error_stack text DEFAULT NULL::text) returns stepcast.runs;
function stepcast.settle_claim(p_run uuid, p_worker integer) returns text;
function stepcast.settle_failure(p_run stepcast.runs, p_step stepcast.steps, p_error text, p_error_stack text, p_retryable boolean) returns stepcast.runs;
function stepcast.shown_patch(r stepcast.runs) returns TABLE(id uuid, "displayName" text, "displayNames" jsonb, status text, progress smallint, error text, "errorStack" text, metadata jsonb, revision bigint, "runAt" timestamp with time zone, "parkedBy" integer, "startedAt" timestamp with time zone, "completedAt" timestamp with time zone, duration bigint, "updatedAt" timestamp with time zone);
function stepcast.shown_run(r stepcast.runs) returns TABLE(id uuid, workflow text, "workflowVersion" text, key text, "displayName" text, "displayNames" jsonb, status text, progress smallint, error text, "errorStack" text, metadata jsonb, revision bigint, priority smallint, "runAt" timestamp with time zone, "parkedBy" integer, "createdAt" timestamp with time zone, "createdBy" text, "startedAt" timestamp with time zone, "completedAt" timestamp with time zone, duration bigint, "updatedAt" timestamp with time zone);
function stepcast.shown_step(s stepcast.steps) returns TABLE(id bigint, "parentId" bigint, step text, "displayName" text, "displayNames" jsonb, sequence integer, status text, progress smallint, weight numeric, usual bigint, "usualP95" bigint, "usualRuns" integer, message text, messages jsonb, attempt integer, "lastAttempt" integer, "nextAttemptAt" timestamp with time zone, error text, "errorStack" text, metadata jsonb, "startedAt" timestamp with time zone, "completedAt" timestamp with time zone, duration bigint, revision bigint);
function stepcast.skip_step(run uuid, step text, reason text DEFAULT NULL::text) returns void;
function stepcast.skip_substeps(p_steps bigint[]) returns void;
function stepcast.start_or_find_run(p_workflow text, p_input jsonb, p_key text, p_again boolean, p_run_at timestamp with time zone, p_priority integer, p_tenant text, p_metadata jsonb, p_announces boolean, OUT id uuid, OUT created boolean) returns record;
function stepcast.start_run(workflow text, input jsonb DEFAULT '{}'::jsonb, key text DEFAULT NULL::text, again boolean DEFAULT false, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, priority integer DEFAULT 0, tenant text DEFAULT 'default'::text, metadata jsonb DEFAULT '{}'::jsonb) returns uuid;
function stepcast.start_runs(p_workflow text, p_starts jsonb) returns uuid[];
function stepcast.stats_window(p_tenant text, p_workflows text[], p_since timestamp with time zone, p_until timestamp with time zone, p_most_runs integer, p_most_step_runs integer) returns json;
function stepcast.step_definitions(p_steps jsonb) returns TABLE("position" smallint, step text, display_name text, display_names jsonb, weight numeric, needs smallint[], skipped_with_needs boolean, timeout bigint, stuck_after bigint, attempts_allowed smallint, has_substeps boolean, substeps jsonb);
function stepcast.step_durations(p_since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, p_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) returns TABLE(tenant text, workflow text, parent text, step text, at_least bigint, below bigint, runs bigint);
function stepcast.step_percent(status text, progress integer) returns integer;
function stepcast.step_stats_since(p_since timestamp with time zone, p_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) returns TABLE(tenant text, workflow text, parent text, step text, sequence integer, runs bigint, completed bigint, failed bigint, skipped bigint, cancelled bigint, success_rate numeric, retries bigint, average_duration bigint, p50_duration bigint, p95_duration bigint);
function stepcast.step_titles() returns TABLE(workflow text, parent text, step text, display_name text, display_names jsonb);
function stepcast.steps_to_retry(p_run uuid, p_named stepcast.steps) returns SETOF stepcast.steps;
function stepcast.stuck_steps() returns TABLE(run_id uuid, step_id bigint, step text, stuck_after bigint, since timestamp with time zone);
function stepcast.take_chore(p_name text, p_every interval) returns boolean;
function stepcast.take_on_end(p_run uuid) returns TABLE(status text, error text, input jsonb, run jsonb);
function stepcast.take_over() returns TABLE(dead text, runs bigint);
function stepcast.task_name(workflow text, version text) returns text;
function stepcast.time_in_utc(p_time text) returns text;
function stepcast.title(name text) returns text;
function stepcast.traceparent(p_given text) returns text;
function stepcast.tracestate(p_given text) returns text;
function stepcast.undone_steps(p_run uuid, p_undone jsonb) returns jsonb;
function stepcast.uuid_v7(at timestamp with time zone DEFAULT clock_timestamp()) returns uuid;
function stepcast.wanted_run(p_tenant text, p_workflow text, p_key text, p_input jsonb, p_metadata jsonb, p_priority integer) returns stepcast.runs;
function stepcast.wanted_start(p_known stepcast.workflows, p_tenant text, p_key text, p_input jsonb, p_metadata jsonb, p_priority integer, p_run_at timestamp with time zone) returns stepcast.runs;
function stepcast.worker_is_alive(p_worker integer) returns boolean;
function stepcast.worker_lock_class() returns integer;
function stepcast.workflow_stats_since(p_since timestamp with time zone, p_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) returns TABLE(tenant text, workflow text, runs bigint, completed bigint, failed bigint, cancelled bigint, success_rate numeric, retries bigint, average_duration bigint, p50_duration bigint, p95_duration bigint);
function stepcast.workflows_beginning(p_tenant text, p_q text) returns text[];
function stepcast.workflows_with_runs(p_tenant text) returns SETOF text;
function stepcast.write_journal(p_run stepcast.runs, p_action text, p_step stepcast.steps DEFAULT NULL::stepcast.steps, p_from text DEFAULT NULL::text, p_to text DEFAULT NULL::text, p_reason text DEFAULT NULL::text) returns integer;
function stepcast.write_reports(p_held uuid[], p_runs tid[], p_revisions bigint[], p_positions integer[], p_steps tid[], p_old_progress integer[], p_progress integer[], p_messages text[], p_messages_per_language jsonb[], p_metadata jsonb[], p_log_positions integer[]) returns bigint[];
function stepcast.write_run_plainly() returns trigger;
function stepcast.write_step_plainly() returns trigger;

view stepcast.run_progress (
  id uuid,
  tenant text,
  workflow text,
  key text,
  display_name text,
  status text,
  progress smallint,
  current_step text,
  current_step_name text,
  message text,
  step_number integer,
  step_count bigint,
  position text,
  time_left interval,
  started_at timestamp with time zone,
  updated_at timestamp with time zone,
  current_step_names jsonb,
  messages jsonb,
  next_attempt_at timestamp with time zone
);
view stepcast.run_summaries (
  id uuid,
  tenant text,
  workflow text,
  key text,
  summary json
);
view stepcast.running_stats (
  tenant text,
  workflow text,
  status text,
  step text,
  sequence integer,
  display_name text,
  display_names jsonb,
  runs bigint,
  since timestamp with time zone
);
view stepcast.step_stats (
  tenant text,
  workflow text,
  parent text,
  step text,
  sequence integer,
  runs bigint,
  completed bigint,
  failed bigint,
  skipped bigint,
  cancelled bigint,
  success_rate numeric,
  retries bigint,
  average_duration bigint,
  p50_duration bigint,
  p95_duration bigint
);
view stepcast.stuck_runs (
  id uuid,
  tenant text,
  workflow text,
  key text,
  display_name text,
  status text,
  step text,
  why text,
  since timestamp with time zone,
  reason text,
  display_names jsonb
);
view stepcast.workflow_stats (
  tenant text,
  workflow text,
  runs bigint,
  completed bigint,
  failed bigint,
  cancelled bigint,
  success_rate numeric,
  retries bigint,
  average_duration bigint,
  p50_duration bigint,
  p95_duration bigint
);

alter table stepcast.attempts enable row level security;
alter table stepcast.chores enable row level security;
alter table stepcast.cursor_key enable row level security;
alter table stepcast.epoch enable row level security;
alter table stepcast.estimates enable row level security;
alter table stepcast.journal enable row level security;
alter table stepcast.logs enable row level security;
alter table stepcast.migrations enable row level security;
alter table stepcast.role_tenants enable row level security;
alter table stepcast.runs enable row level security;
alter table stepcast.steps enable row level security;
alter table stepcast.workers enable row level security;
alter table stepcast.workflows enable row level security;

create policy rows_of_administrators on stepcast.attempts for all to stepcast_owner using (true) with check (true);
create policy rows_of_own_tenants on stepcast.attempts for select to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.chores for all to stepcast_owner using (true) with check (true);
create policy rows_of_administrators on stepcast.cursor_key for all to stepcast_owner using (true) with check (true);
create policy rows_of_administrators on stepcast.epoch for all to stepcast_owner using (true) with check (true);
create policy rows_of_administrators on stepcast.estimates for all to stepcast_owner using (true) with check (true);
create policy rows_of_own_tenants on stepcast.estimates for select to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.journal for all to stepcast_owner using (true) with check (true);
create policy rows_of_own_tenants on stepcast.journal for select to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.logs for all to stepcast_owner using (true) with check (true);
create policy rows_of_own_tenants on stepcast.logs for select to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.migrations for all to stepcast_owner using (true) with check (true);
create policy own_tenants on stepcast.role_tenants for select to public using ((role = SESSION_USER));
create policy rows_of_administrators on stepcast.role_tenants for all to stepcast_owner using (true) with check (true);
create policy changes_of_own_tenants on stepcast.runs for update to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[]))) with check ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.runs for all to stepcast_owner using (true) with check (true);
create policy rows_of_own_tenants on stepcast.runs for select to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy changes_of_own_tenants on stepcast.steps for update to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[]))) with check ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.steps for all to stepcast_owner using (true) with check (true);
create policy rows_of_own_tenants on stepcast.steps for select to public using ((tenant = ANY (( SELECT stepcast.session_tenants() AS session_tenants)::text[])));
create policy rows_of_administrators on stepcast.workers for all to stepcast_owner using (true) with check (true);
create policy rows_of_all on stepcast.workers for select to public using (true);
create policy rows_of_administrators on stepcast.workflows for all to stepcast_owner using (true) with check (true);
create policy rows_of_all on stepcast.workflows for select to public using (true);

grant execute on function stepcast.admit_all_parked_runs to stepcast_worker;
grant execute on function stepcast.admit_run to stepcast_worker;
grant execute on function stepcast.advance_runs to stepcast_worker;
grant execute on function stepcast.announce to stepcast_owner, stepcast_server, stepcast_worker;
grant execute on function stepcast.beat to stepcast_worker;
grant execute on function stepcast.begin_step to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.begin_substep to stepcast_worker;
grant execute on function stepcast.cancel_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.complete_step to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.complete_substep to stepcast_worker;
grant execute on function stepcast.count_purgeable to stepcast_owner, stepcast_worker;
grant execute on function stepcast.cursor_key to stepcast_owner, stepcast_server;
grant execute on function stepcast.delete_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.duration_edges to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.end_of_run to stepcast_worker;
grant execute on function stepcast.end_stuck_steps to stepcast_worker;
grant execute on function stepcast.expire_runs to stepcast_worker;
grant execute on function stepcast.fail_attempt to stepcast_worker;
grant execute on function stepcast.fail_step to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.fail_substep to stepcast_worker;
grant execute on function stepcast.find_runs to stepcast_owner, stepcast_server;
grant execute on function stepcast.finish_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.flush_reports to stepcast_worker;
grant execute on function stepcast.graphile_schema to stepcast_owner, stepcast_worker;
grant execute on function stepcast.hand_over_lost_runs to stepcast_worker;
grant execute on function stepcast.import_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.is_unserved to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.lead to stepcast_worker;
grant execute on function stepcast.list_runs to stepcast_owner, stepcast_server;
grant execute on function stepcast.list_stuck to stepcast_owner, stepcast_server;
grant execute on function stepcast.list_workflows to stepcast_owner, stepcast_server;
grant execute on function stepcast.live_workers to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.log_line to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.newest_listed to stepcast_owner, stepcast_server;
grant execute on function stepcast.newest_runs to stepcast_owner, stepcast_server;
grant execute on function stepcast.open_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.operate_run to stepcast_owner, stepcast_server;
grant execute on function stepcast.peek_run to stepcast_worker;
grant execute on function stepcast.postpone_run to stepcast_worker;
grant execute on function stepcast.purge_batch to stepcast_owner, stepcast_worker;
grant execute on function stepcast.purge_runs to stepcast_owner;
grant execute on function stepcast.rate_of to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.read_changes to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_durations to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_filed to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_journal to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_logs to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_metrics to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_revisions to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_run to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_run_stats to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_running_stats to stepcast_owner, stepcast_server;
grant execute on function stepcast.read_stats to stepcast_owner, stepcast_server;
grant execute on function stepcast.refuse_run to stepcast_worker;
grant execute on function stepcast.register_pool to stepcast_worker;
grant execute on function stepcast.register_tasks to stepcast_worker;
grant execute on function stepcast.register_worker to stepcast_worker;
grant execute on function stepcast.register_workflow to stepcast_owner, stepcast_worker;
grant execute on function stepcast.release_run to stepcast_worker;
grant execute on function stepcast.release_worker to stepcast_worker;
grant execute on function stepcast.report_step to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.requeue_lost_runs to stepcast_worker;
grant execute on function stepcast.results_of to stepcast_worker;
grant execute on function stepcast.resume_run to stepcast_worker;
grant execute on function stepcast.retry_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.run_durations to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.run_is_free to stepcast_worker;
grant execute on function stepcast.run_stats to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.run_trend to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.session_tenants to public;
grant execute on function stepcast.settle_claim to stepcast_worker;
grant execute on function stepcast.skip_step to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.start_or_find_run to stepcast_owner, stepcast_server;
grant execute on function stepcast.start_run to stepcast_owner, stepcast_server, stepcast_worker, stepcast_writer;
grant execute on function stepcast.start_runs to stepcast_owner, stepcast_server;
grant execute on function stepcast.stats_window to stepcast_owner, stepcast_server;
grant execute on function stepcast.step_durations to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.step_stats_since to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.stuck_steps to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.take_on_end to stepcast_worker;
grant execute on function stepcast.take_over to stepcast_worker;
grant execute on function stepcast.task_name to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.workflow_stats_since to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant execute on function stepcast.workflows_with_runs to stepcast_owner, stepcast_server;
grant select on stepcast.attempts to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.chores to stepcast_owner;
grant select on stepcast.epoch to stepcast_owner;
grant select on stepcast.estimates to stepcast_owner;
grant select on stepcast.journal to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.logs to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.migrations to stepcast_owner;
grant delete, insert, select, update on stepcast.role_tenants to stepcast_owner;
grant select on stepcast.role_tenants to stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.run_progress to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.run_summaries to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.running_stats to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant delete, select on stepcast.runs to stepcast_owner;
grant select on stepcast.runs to stepcast_reader, stepcast_server, stepcast_writer;
grant update on stepcast.runs (display_name, display_names, metadata) to stepcast_owner, stepcast_writer;
grant select on stepcast.step_stats to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.steps to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant update on stepcast.steps (status, progress, message, messages, error, error_stack, output, metadata) to stepcast_owner, stepcast_writer;
grant select on stepcast.stuck_runs to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.workers to stepcast_owner;
grant select on stepcast.workers (id, name, beat_at) to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant select on stepcast.workflow_stats to stepcast_owner, stepcast_reader, stepcast_server, stepcast_writer;
grant delete, select on stepcast.workflows to stepcast_owner;
grant select on stepcast.workflows to stepcast_reader, stepcast_server, stepcast_writer;
