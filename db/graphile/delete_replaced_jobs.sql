-- Deletes the rows that add_job(job_key) left behind when it replaced a locked job. No index leads to them, and the table
-- may be full of an application's own jobs: so every five minutes at most.
create or replace function stepcast.delete_replaced_jobs()
returns void
language plpgsql
security definer
set search_path = pg_catalog, graphile_worker, pg_temp
as $$
begin
  if not stepcast.take_chore('delete replaced jobs', '5 minutes') then
    return;
  end if;
  delete from _private_jobs j
  where j.key is null
    and j.attempts >= j.max_attempts
    and j.payload ->> 'run' is not null
    and j.task_id in (select t.id from _private_tasks t where starts_with(t.identifier, 'stepcast:'))
    and (j.locked_at is null or j.locked_at < clock_timestamp() - interval '1 minute');
end
$$;
