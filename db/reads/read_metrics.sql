-- The current state of all tenants: type Metrics in metrics.ts. It costs the same with a million finished runs as with
-- none: only unfinished runs are counted, up to 100,000 per status; steps are those of running runs, at most 10,000 of
-- these; the sizes of tables are what Postgres knows anyway, their rows its own estimate.
create or replace function stepcast.read_metrics()
returns json
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  select json_build_object(
    'runs', json_build_object(
      'pending', (select count(*) from (select from stepcast.runs where status = 'pending' limit 100000) pending),
      'running', (select count(*) from (select from stepcast.runs where status = 'running' limit 100000) running)
    ),
    'steps', (
      select json_build_object(
        'pending', count(*) filter (where s.status = 'pending' and s.next_attempt_at is null),
        'waiting', count(*) filter (where s.next_attempt_at is not null),
        'running', count(*) filter (where s.status = 'running')
      )
      from (select id from stepcast.runs where status = 'running' limit 10000) r
      join stepcast.steps s on s.run_id = r.id
    ),
    'workers', (select count(*) from stepcast.live_workers()),
    'notifyQueue', pg_notification_queue_usage(),
    'tables', (
      select json_agg(json_build_object(
        'table', c.relname,
        'rows', greatest(c.reltuples, 0),
        'deadRows', pg_stat_get_dead_tuples(c.oid),
        'bytes', pg_total_relation_size(c.oid)
      ) order by c.relname)
      from pg_class c
      where c.relnamespace = 'stepcast'::regnamespace
        and c.relname in ('runs', 'steps', 'attempts', 'journal', 'logs')
    )
  )
$$;
