-- The status machine of a run, for every writer: which changes are legal, and the times that go with them.
create or replace function stepcast.change_run_status()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (case old.status
    -- Completed at once: every one of its steps had been skipped.
    when 'pending' then new.status in ('running', 'completed', 'failed', 'cancelled')
    when 'running' then new.status in ('completed', 'failed', 'cancelled')
    else new.status = 'pending'
  end) then
    perform stepcast.fail_with('SC004', format('run %s cannot go from %s to %s', old.id, old.status, new.status),
      'A run goes pending → running → completed, failed or cancelled; stepcast.retry_run sets a finished one back.');
  end if;
  if new.status = 'pending' then
    new.started_at := null;
    new.completed_at := null;
    new.duration := null;
    new.error := null;
    new.error_stack := null;
    new.output := null;
  elsif new.status = 'running' then
    new.started_at := clock_timestamp();
  else
    if new.status = 'completed' and new.started_at is null then
      new.started_at := clock_timestamp();
    end if;
    new.completed_at := greatest(clock_timestamp(), new.started_at);
    new.duration := stepcast.duration_between(new.started_at, new.completed_at);
    new.updated_at := new.completed_at;
    new.worker := null;
  end if;
  if new.status = 'completed' then
    new.progress := 100;
  end if;
  new.status_revision := new.revision;
  return new;
end
$$;

create or replace trigger change_run_status
before update on stepcast.runs
for each row when (old.status is distinct from new.status)
execute function stepcast.change_run_status();
