-- One run with everything that is kept of it except its logs and its journal: type RunDetails in contract.ts. Null: the
-- tenant has no such run.
create or replace function stepcast.read_run(p_tenant text, p_run uuid)
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'run', to_jsonb(shown_run) || jsonb_build_object('input', r.input, 'output', r.output),
    'steps', (
      select coalesce(json_agg(row_to_json(shown_step) order by s.id), '[]')
      from stepcast.steps s
      cross join lateral stepcast.shown_step(s)
      where s.run_id = r.id
    ),
    -- The newest of every step, then the latest, up to 16 MiB: whoever may retry can make as many as they like.
    'attempts', (
      select coalesce(json_agg(json_build_object(
        'stepId', a.step_id,
        'attempt', a.attempt,
        'worker', a.worker,
        'status', a.status,
        'error', a.error,
        'errorStack', a.error_stack,
        'startedAt', a.started_at,
        'completedAt', a.completed_at,
        'duration', a.duration
      ) order by a.step_id, a.attempt), '[]')
      from (
        select
          ranked.*,
          sum(
            -- What each takes besides its strings.
            256
            + coalesce(octet_length(ranked.error), 0)
            + coalesce(octet_length(ranked.error_stack), 0)
          ) over (order by ranked.age > 1, ranked.started_at desc, ranked.step_id, ranked.age) as bytes
        from (
          select
            *,
            row_number() over (partition by step_id order by attempt desc) as age
          from stepcast.attempts
          where run_id = r.id
        ) ranked
      ) a
      where a.bytes <= 16 * 1048576
    ),
    -- The latest hundred: whoever may cancel and retry can make as many as they like.
    'operations', (
      select coalesce(json_agg(stepcast.journal_json(latest.j) order by (latest.j).entry), '[]')
      from (
        select j
        from stepcast.journal j
        where j.run_id = r.id
          and j.tenant = r.tenant
          and j.action <> 'status'
        order by j.entry desc
        limit 100
      ) latest
    ),
    'unserved', stepcast.is_unserved(r, array(select unnest(alive.serves) from stepcast.live_workers() alive)),
    'now', clock_timestamp()
  )
  from stepcast.runs r
  cross join lateral stepcast.shown_run(r)
  where r.id = p_run
    and r.tenant = p_tenant
$$;
