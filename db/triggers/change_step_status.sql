-- The status machine of a step, for every writer: which changes are legal, and the times that go with them.
create or replace function stepcast.change_step_status()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (case old.status
    when 'pending' then new.status in ('running', 'skipped', 'cancelled')
    when 'running' then new.status in ('completed', 'failed', 'skipped', 'cancelled', 'pending')
    else new.status = 'pending'
  end) then
    perform stepcast.fail_with('SC004', format('step %s of run %s cannot go from %s to %s', old.step, old.run_id, old.status, new.status),
      'A step goes pending → running → completed, failed, skipped or cancelled; once its run has ended, stepcast.retry_run sets it back.');
  end if;
  if new.status <> 'failed' and not (new.status = 'pending' and new.next_attempt_at is not null) then
    new.error := null;
    new.error_stack := null;
  end if;
  if new.status = 'pending' then
    new.started_at := null;
    new.completed_at := null;
    new.duration := null;
    new.output := null;
  elsif new.status = 'running' then
    new.started_at := clock_timestamp();
    new.next_attempt_at := null;
    new.timeout_at := new.started_at + least(new.timeout, 10000000000000) * interval '1 millisecond';
  else
    -- The clock may have been set back.
    new.completed_at := greatest(clock_timestamp(), new.started_at);
    new.duration := stepcast.duration_between(new.started_at, new.completed_at);
    new.next_attempt_at := null;
  end if;
  if new.status <> 'running' then
    new.timeout_at := null;
  end if;
  if new.status = 'completed' then
    new.progress := 100;
  elsif new.progress = 100 then
    new.progress := 99;
  end if;
  return new;
end
$$;

create or replace trigger change_step_status
before update on stepcast.steps
for each row when (old.status is distinct from new.status)
execute function stepcast.change_step_status();
