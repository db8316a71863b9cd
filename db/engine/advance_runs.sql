-- The heart of the engine. For each run of a batch: a step ends as completed or skipped (or a worker claims the run, or
-- only checks it again); then every step whose needs are met begins, or the run ends if there is none. One revision per
-- run, and one transaction for all.
--
-- By position: the run; the lease that the worker has (null: it claims the run); the attempt of a step that ends (null:
-- none) with its status, output and reason; whether the caller runs the workflow's onEnd in this transaction if the run
-- ends (else onEnd stays owed). With `p_alone`, the call waits for whoever holds a row, and this transaction announces
-- the run. A batch does not wait, so that one held row delays no other run; its caller announces it with
-- engine/announce.sql after the commit.
-- 55P03: a batch met a step that somebody holds and that none of its moves names, such as one that would begin: call
-- again with each move alone.
--
-- `outcome` says what became of the move:
--   done    `began`: attempts that have begun and are the worker's to run; `unfinished`: steps that are pending or
--           running; `wake_ms`: until the next step that waits for its retry may begin (null: none waits). If nothing
--           runs any more, the run was given back to the queue, or is finished: then `lease` is no longer the
--           worker's.
--   locked  somebody holds the run's or the step's row; with `p_alone`, which waits, this only happens to a claim of a
--           run that was let go meanwhile: send the move again
--   fenced  the lease is stale: stop
--   over    somebody else ended the attempt: drop it, and check the run again
-- and for a claim also
--   owed    finished, but its onEnd is still to be run
--   waiting it needs a place first: admit_run
--   crowded it is suspected of killing its workers, and this worker drives another such run: try later
--   taken   another worker has it, or this one does without knowing it: settle_claim
--   gone    there is nothing to do
create or replace function stepcast.advance_runs(
  p_worker integer,
  p_runs uuid[],
  p_leases bigint[],
  p_steps bigint[],
  p_attempts integer[],
  p_statuses text[],
  p_outputs jsonb[],
  p_reasons text[],
  p_settles boolean[],
  p_alone boolean
)
returns table (place integer, outcome text, lease bigint, revision bigint, status text, began jsonb, unfinished integer, wake_ms bigint, claim jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Planning anew for every batch size costs three to ten times what running it does.
set plan_cache_mode = force_generic_plan
-- And a plan that was made while the tables were empty would read them whole, until they are analyzed.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- Up to PostgreSQL 17 what is turned off counts as so dear that JIT would compile the plan anew at each execution.
set jit = off
-- Overrides the lock_timeout of a handler's transaction.
set lock_timeout = 0
as $$
declare
  -- Taken after any wait: what this call writes is not older than what others wrote meanwhile.
  started timestamptz;
  actor constant text := stepcast.actor();
  worker_name constant text := (select w.name from stepcast.workers w where w.id = p_worker);
  held integer[];
  ids uuid[];
  skipped bigint[];
  ended stepcast.runs;
begin
  if worker_name is null then
    perform stepcast.fail_with('SC005', format('worker %s may not drive a run: it has left or was declared dead', p_worker), 'Another worker will.');
  end if;

  if not p_alone then
    perform set_config('lock_timeout', '200ms', true);
  end if;
  held := stepcast.hold_moves(p_worker, p_runs, p_leases, p_steps, p_attempts, p_alone);
  started := clock_timestamp();
  ids := array(select p_runs[position] from unnest(held) position);
  if cardinality(ids) > 0 then
    perform stepcast.end_substeps_of(p_steps[h.position], p_statuses[h.position])
    from unnest(held) h (position)
    where exists (
      select
      from stepcast.steps c
      where c.parent_id = p_steps[h.position]
        and c.status in ('pending', 'running')
    );

    -- Entries are numbered without gaps, and the run stores their count only once all are written: each insert
    -- continues from the last entry that exists. Not in a function of its own: a function with a query in it is not
    -- inlined.
    with ending as (
      update stepcast.steps s
      set status = wanted.status,
          output = wanted.output,
          message = case when wanted.status = 'skipped' then coalesce(wanted.reason, s.message) else s.message end,
          messages = case when wanted.status = 'skipped' and wanted.reason is not null then null else s.messages end,
          revision = r.revision + 1,
          updated_at = started
      from unnest(held) h (position)
      cross join lateral (
        select
          p_runs[h.position] as run,
          p_steps[h.position] as step,
          p_statuses[h.position] as status,
          p_outputs[h.position] as output,
          p_reasons[h.position] as reason
      ) wanted
      join stepcast.runs r on r.id = wanted.run
      where s.id = wanted.step
      returning s.id, s.run_id, s.tenant, s.step, s.attempt, s.status, wanted.reason, r.journal_entries
    ),
    closing as (
      update stepcast.attempts a
      set status = e.status,
          completed_at = started
      from ending e
      where a.step_id = e.id
        and a.attempt = e.attempt
    )
    insert into stepcast.journal (run_id, tenant, entry, at, actor, action, step_id, step, attempt, from_status, to_status, reason)
    select
      e.run_id,
      e.tenant,
      coalesce((select max(j.entry) from stepcast.journal j where j.run_id = e.run_id), e.journal_entries) + 1,
      started,
      actor,
      'status',
      e.id,
      e.step,
      e.attempt,
      'running',
      e.status,
      e.reason
    from ending e;

    insert into stepcast.journal (run_id, tenant, entry, at, actor, action, from_status, to_status)
    select
      r.id,
      r.tenant,
      coalesce((select max(j.entry) from stepcast.journal j where j.run_id = r.id), r.journal_entries) + 1,
      started,
      actor,
      'status',
      'pending',
      'running'
    from stepcast.runs r
    where r.id = any (ids)
      -- Not by the index of unfinished runs, which a plan made on empty tables picks, and reads whole.
      and coalesce(r.status, '') = 'pending';

    -- Repeats after steps were skipped together with what they need, which may let others begin.
    loop
      with ready as (
        select
          s.id,
          s.run_id,
          s.skipped_with_needs and known.skipped ?| s.needs as skips,
          row_number() over (partition by s.run_id order by s.sequence) as number
        from (
          -- Once for each run, which `offset 0` enforces: if each step looked for its needs among the others, an
          -- advance would cost the square of the run's steps. As keys, because an array is searched from its beginning.
          select
            given.id,
            case when status_of.skipped = '{}' then status_of.undone else stepcast.undone_steps(given.id, status_of.undone) end as undone,
            status_of.skipped
          from unnest(ids) given (id)
          cross join lateral (
            select
              coalesce(jsonb_object_agg(n.sequence, true) filter (where n.status not in ('completed', 'skipped')), '{}') as undone,
              coalesce(jsonb_object_agg(n.sequence, true) filter (where n.status = 'skipped'), '{}') as skipped
            from stepcast.steps n
            where n.run_id = given.id
              and n.parent_id is null
          ) status_of
          offset 0
        ) known
        -- Only these runs' steps: with a plain join, a plan made on empty tables reads all steps in the order of the
        -- window.
        cross join lateral (
          select w.id, w.run_id, w.sequence, w.skipped_with_needs, coalesce(w.needs, array[(w.sequence - 1)::smallint])::text[] as needs
          from stepcast.steps w
          where w.run_id = known.id
            and w.parent_id is null
            and w.status = 'pending'
            and (w.next_attempt_at is null or w.next_attempt_at <= started)
          offset 0
        ) s
        where not known.undone ?| s.needs
      ),
      beginning as (
        update stepcast.steps s
        set status = case when d.skips then 'skipped' else 'running' end,
            attempt = s.attempt + (not d.skips)::integer,
            message = case when d.skips then 'A step that it needs was skipped.' else s.message end,
            messages = case when not d.skips then s.messages end,
            revision = r.revision + 1,
            updated_at = started
        from ready d
        join stepcast.runs r on r.id = d.run_id
        where s.id = d.id
        returning s.id, s.run_id, s.tenant, s.step, s.attempt, s.status, s.message, d.number, r.journal_entries
      ),
      trying as (
        insert into stepcast.attempts (step_id, run_id, tenant, attempt, worker, started_at)
        select b.id, b.run_id, b.tenant, b.attempt, worker_name, started
        from beginning b
        where b.status = 'running'
      ),
      noted as (
        insert into stepcast.journal (run_id, tenant, entry, at, actor, action, step_id, step, attempt, from_status, to_status, reason)
        select
          b.run_id,
          b.tenant,
          coalesce((select max(j.entry) from stepcast.journal j where j.run_id = b.run_id), b.journal_entries) + b.number,
          started,
          actor,
          'status',
          b.id,
          b.step,
          b.attempt,
          'pending',
          b.status,
          case when b.status = 'skipped' then b.message end
        from beginning b
      )
      select array_agg(b.id) filter (where b.status = 'skipped') into skipped
      from beginning b;
      exit when skipped is null;
      perform stepcast.skip_substeps(skipped);
    end loop;

    if not p_alone then
      perform set_config('stepcast.announces_later', 'on', true);
    end if;
    with measured as (
      select
        s.run_id,
        sum(s.weight * stepcast.step_percent(s.status, s.progress)) as done,
        sum(s.weight) as total,
        case
          when bool_or(s.status = 'running') then 'running'
          when bool_or(s.next_attempt_at is not null) then 'waiting'
          when bool_and(s.status in ('completed', 'skipped')) then 'completed'
          else 'failed'
        end as fate
      from stepcast.steps s
      where s.run_id = any (ids)
        and s.parent_id is null
      group by s.run_id
    ),
    saved as (
      update stepcast.runs r
      set revision = r.revision + 1,
          status = case when m.fate in ('completed', 'failed') then m.fate else 'running' end,
          progress = case when m.fate = 'completed' then 100 else greatest(r.progress, least(99, floor(m.done / m.total))) end,
          work_done = m.done,
          work_total = m.total,
          output = case when m.fate = 'completed' then stepcast.last_output(r.id) else r.output end,
          error = case when m.fate = 'failed' then (stepcast.first_error(r.id)).error else r.error end,
          error_stack = case when m.fate = 'failed' then (stepcast.first_error(r.id)).error_stack else r.error_stack end,
          lease = r.lease + (p_leases[h.position] is null or m.fate <> 'running')::integer,
          worker = case when m.fate = 'running' then p_worker end,
          -- The run made progress: whatever its workers died of or met before, this run was not the cause.
          crashes = case when p_steps[h.position] is null then r.crashes else 0 end,
          faults = case when p_steps[h.position] is null then r.faults else 0 end,
          attention = false,
          deadline = case
            when m.fate in ('completed', 'failed') then null
            when r.status = 'pending' then started + r.deadline_after
            else r.deadline
          end,
          run_at = case when m.fate = 'waiting' then stepcast.next_attempt_at(r.id) else r.run_at end,
          on_end_pending = m.fate in ('completed', 'failed') and not p_settles[h.position],
          journal_entries = coalesce((select max(j.entry) from stepcast.journal j where j.run_id = r.id), r.journal_entries)
            + (m.fate in ('completed', 'failed'))::integer,
          updated_at = started
      from unnest(held) h (position)
      join measured m on m.run_id = p_runs[h.position]
      where r.id = m.run_id
        -- A check that finds nothing changes nothing.
        and (
          p_leases[h.position] is null
          or p_steps[h.position] is not null
          or m.fate <> 'running'
          or r.attention
          or exists (select from stepcast.steps s where s.run_id = r.id and s.revision > r.revision)
        )
      returning r.id, r.tenant, r.status, r.journal_entries, r.error
    )
    insert into stepcast.journal (run_id, tenant, entry, at, actor, action, from_status, to_status, reason)
    select d.id, d.tenant, d.journal_entries, started, actor, 'status', 'running', d.status, d.error
    from saved d
    where d.status in ('completed', 'failed');

    perform set_config('stepcast.announces_later', '', true);

    -- The rest is for runs that the worker no longer has.
    for ended in
      select *
      from stepcast.runs r
      where r.id = any (ids)
        and r.worker is null
      order by r.id
    loop
      if ended.status = 'running' then
        perform stepcast.queue_run(ended);
      elsif ended.status = 'completed' then
        perform stepcast.refresh_estimates(ended.tenant, ended.workflow);
      end if;
    end loop;
  end if;

  return query
    select
      wanted.position::integer,
      case
        when wanted.position = any (held) then 'done'
        when wanted.lease is not null and (r.lease is distinct from wanted.lease or r.worker is distinct from p_worker) then 'fenced'
        when wanted.lease is not null and wanted.step is not null and (s.attempt is distinct from wanted.attempt or s.status <> 'running') then 'over'
        when wanted.lease is not null or stepcast.may_claim(r, p_worker, true) then 'locked'
        when r.on_end_pending then 'owed'
        when r.status in ('pending', 'running') and r.worker is not null then 'taken'
        when r.status in ('pending', 'running') and r.admission in ('queued', 'parked') then 'waiting'
        when r.status in ('pending', 'running') then 'crowded'
        else 'gone'
      end,
      r.lease,
      r.revision,
      r.status,
      now_is.began,
      now_is.unfinished::integer,
      now_is.wake_ms,
      case when wanted.lease is null and wanted.position = any (held) then stepcast.claim_json(r) end
    from unnest(p_runs, p_leases, p_steps, p_attempts) with ordinality wanted (run, lease, step, attempt, position)
    left join stepcast.runs r on r.id = wanted.run
    left join stepcast.steps s on s.id = wanted.step
    left join lateral (
      select
        jsonb_agg(jsonb_build_object('id', t.id, 'step', t.step, 'attempt', t.attempt) order by t.sequence)
          filter (where t.status = 'running' and t.revision = r.revision and t.updated_at = started and r.worker = p_worker) as began,
        count(*) filter (where t.status in ('pending', 'running')) as unfinished,
        -- Null must stay null, and greatest would ignore it.
        case when min(t.next_attempt_at) is not null then greatest(0, extract(epoch from min(t.next_attempt_at) - started) * 1000)::bigint end as wake_ms
      from stepcast.steps t
      where t.run_id = wanted.run
        and t.parent_id is null
    ) now_is on wanted.position = any (held);
end
$$;
