-- One batch of a purge, for a transaction of its own: deletes up to `p_limit` of the finished runs that ended longer
-- ago than `p_older_than`, the oldest first, with their journals. `place` is where the next batch continues (null at
-- first, and when all is done); it also fixes the time before which everything is deleted.
-- Touches only finished runs, and waits for nobody: runs that others hold, and runs whose onEnd is owed, are passed
-- over.
create or replace function stepcast.purge_batch(
  p_older_than interval,
  p_workflow text,
  p_place jsonb,
  p_limit integer,
  out deleted bigint,
  out passed_over bigint,
  out place jsonb
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- A step may be locked while its run is not.
set lock_timeout = '100ms'
as $$
declare
  -- Nothing is older than the range of dates.
  ended_before timestamptz := coalesce(
    (p_place ->> 'before')::timestamptz,
    clock_timestamp() - least(greatest(p_older_than, interval '0'), interval '5000 years')
  );
  old uuid[];
  gone uuid[];
begin
  if p_older_than is null or p_older_than < interval '0' then
    perform stepcast.fail_with('SC006', format('the age of what to purge must be an interval from 0 on, not %s', coalesce(p_older_than::text, 'null')),
      'Write it as ''30 days''.');
  end if;
  select
    coalesce(array_agg(id order by completed_at, id), '{}'),
    jsonb_build_object('before', ended_before, 'ended', max(completed_at), 'run', (array_agg(id order by completed_at desc, id desc))[1])
  into old, place
  from (
    select r.id, r.completed_at
    from stepcast.runs r
    where r.completed_at < ended_before
      and (p_workflow is null or r.workflow = p_workflow)
      and (p_place is null or (r.completed_at, r.id) > ((p_place ->> 'ended')::timestamptz, (p_place ->> 'run')::uuid))
    order by r.completed_at, r.id
    limit p_limit
  ) oldest;

  perform stepcast.check_references(true);
  gone := stepcast.erase_runs(array(
    select r.id
    from stepcast.runs r
    where r.id = any (old)
      and r.completed_at < ended_before
      and not r.on_end_pending
    order by r.id
    for update skip locked
  ));
  perform stepcast.check_references(false);
  perform set_config('stepcast.erases_journal', 'on', true);
  delete from stepcast.journal
  where run_id = any (gone);

  deleted := cardinality(gone);
  passed_over := cardinality(old) - deleted;
  if cardinality(old) < p_limit then
    place := case
      when p_workflow is null and stepcast.purge_tombstones(ended_before, p_limit) = p_limit
        then jsonb_build_object('before', ended_before, 'ended', ended_before, 'run', stepcast.uuid_v7())
    end;
  end if;
  perform set_config('stepcast.erases_journal', '', true);
end
$$;
