-- Graphs of steps, retries, timeouts, stuck detection, concurrency.

-- {timeout, onFailure, concurrency: {key, limit}, onEnd}; durations in milliseconds.
alter table stepcast.workflows
  add column options jsonb not null default '{}';

alter table stepcast.workers
  -- Graphile's names of the tasks that it serves: a run of another version waits.
  add column serves text[] not null default '{}';

alter table stepcast.runs
  -- Runs of one slot run at most `concurrency_limit` at a time; null: no limit.
  add column concurrency_slot text,
  add column concurrency_limit integer,
  -- Null: no slot. `queued`: not asked for its place yet; `parked`: without a job until a place is free; `admitted`: it has one.
  add column admission text,
  -- Somebody else than its worker changed what can be done next: the worker looks again at its next beat.
  add column attention boolean not null default false,
  add constraint admission_is_known check (admission in ('queued', 'parked', 'admitted')),
  add constraint a_slot_has_a_limit_and_an_admission check (
    (concurrency_slot is null) = (concurrency_limit is null) and (concurrency_slot is null) = (admission is null)
  );

alter table stepcast.steps
  -- Sequences of the steps that must be completed or skipped before it begins; null: the one before it; {}: none.
  add column needs smallint[],
  -- It is skipped with what it needs, instead of running without.
  add column skipped_with_needs boolean not null default false,
  -- How many tries its budget of retries has.
  add column attempts_allowed smallint not null default 1,
  -- Tries that failed since its budget of retries began.
  add column failures smallint not null default 0,
  -- Milliseconds of one try; null: no limit.
  add column timeout bigint,
  add column timeout_at timestamptz,
  -- Milliseconds without a change or a log line after which it counts as stuck; null: never.
  add column stuck_after bigint default 600000,
  -- What failed says why; so does what waits because it failed.
  drop constraint failed_has_an_error,
  add constraint failed_has_an_error check (
    (status <> 'failed' or error is not null) and (error is null or status = 'failed' or next_attempt_at is not null)
  ),
  add constraint timeout_is_positive check (timeout > 0),
  add constraint stuck_after_is_positive check (stuck_after > 0),
  add constraint only_a_running_step_times_out check (timeout_at is null or status = 'running');

-- An attempt belongs to a step, which belongs to a run: a second check for each try would be paid for nothing.
alter table stepcast.attempts
  drop constraint attempts_belong_to_a_run;

drop index stepcast.runs_with_a_deadline;
-- None of these columns is changed by a tick, so ticks stay HOT.
create index runs_with_a_deadline on stepcast.runs (id) where deadline_after is not null and status in ('pending', 'running');
create index runs_without_a_worker on stepcast.runs (id)
  where worker is null and driver = 'worker' and (status in ('pending', 'running') or on_end_pending);
create index runs_parked on stepcast.runs (concurrency_slot, priority, run_at) where admission = 'parked';
create index runs_admitted on stepcast.runs (concurrency_slot) where admission = 'admitted' and status in ('pending', 'running');

-- What one process does for all, once in a while.
create table stepcast.chores (
  name text primary key,
  done_at timestamptz not null
);

insert into stepcast.chores (name, done_at)
values ('take over', 'epoch'), ('requeue', 'epoch');
