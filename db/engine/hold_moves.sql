-- Locks what the moves of advance_runs concern, runs by id, then steps by id, and returns the positions of the legal
-- moves: the worker has the lease, or may claim the run; the attempt is running. Without `p_alone` it waits for nobody,
-- and leaves out what somebody holds.
create or replace function stepcast.hold_moves(
  p_worker integer,
  p_runs uuid[],
  p_leases bigint[],
  p_steps bigint[],
  p_attempts integer[],
  p_alone boolean
)
returns integer[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- As in advance_runs.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  held integer[];
  free integer[];
begin
  if p_alone then
    -- A worker's claims of suspects wait for each other; not on the worker's row, for which its beat would have to wait
    -- too.
    perform pg_advisory_xact_lock(hashtextextended('stepcast.suspect:' || p_worker, 0))
    from stepcast.runs r
    where r.id = p_runs[1]
      and p_leases[1] is null
      and stepcast.is_suspect(r);
    perform from stepcast.runs where id = any (p_runs) order by id for no key update;
    perform from stepcast.steps where id = any (p_steps) order by id for no key update;
  end if;
  select array_agg(locked.position) into held
  from (
    select wanted.position
    from unnest(p_runs, p_leases) with ordinality wanted (run, lease, position)
    join stepcast.runs r on r.id = wanted.run
    where case
        when wanted.lease is null then stepcast.may_claim(r, p_worker, p_alone)
        else r.lease = wanted.lease and r.worker = p_worker and r.status = 'running'
      end
    order by r.id
    for no key update of r skip locked
  ) locked;
  select array_agg(locked.position) into free
  from (
    select wanted.position
    from unnest(p_steps, p_attempts) with ordinality wanted (step, attempt, position)
    join stepcast.steps s on s.id = wanted.step and s.attempt = wanted.attempt and s.status = 'running'
    where wanted.position = any (held)
    order by s.id
    for no key update of s skip locked
  ) locked;
  return array(
    select position
    from unnest(held) position
    where p_steps[position] is null
      or position = any (free)
    order by position
  );
end
$$;
