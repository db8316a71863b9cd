-- A plain `update stepcast.steps` by somebody other than the engine (which always bumps the revision itself) must
-- follow the engine's rules: progress never falls, the run's revision rises, and parents and run follow. A change of
-- status is an operator's action: it is journalled, and the attempt is over. A run that continues returns to the queue
-- if nothing else in it is running, and always if a running sub-step was changed (see engine/operate_step.sql). Lock
-- order here is step, then run, the reverse of the engine's. That cannot be avoided in a row trigger, so engine writes
-- are retried when the two meet in a deadlock.
create or replace function stepcast.write_step_plainly()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  run stepcast.runs;
  allowed stepcast.steps := old;
  followed bigint[];
begin
  -- The engine writes a step with the next revision before it saves the run; it may write the step a second time.
  if old.revision > (select r.revision from stepcast.runs r where r.id = old.run_id) then
    return new;
  end if;
  if new is not distinct from old then
    return null;
  end if;
  allowed.progress := new.progress;
  allowed.message := new.message;
  allowed.messages := new.messages;
  allowed.metadata := new.metadata;
  allowed.status := new.status;
  -- What belongs to a change of status may be set together with it.
  if new.status <> old.status then
    allowed.output := new.output;
    allowed.error := new.error;
    allowed.error_stack := new.error_stack;
  end if;
  if new is distinct from allowed then
    perform stepcast.fail_with('SC006', format('a plain update of step %s may change progress, message, metadata and status only', old.step),
      'Stepcast maintains everything else.');
  end if;
  if new.progress is null or new.progress not between 0 and 100 then
    perform stepcast.fail_with('SC006', format('progress of step %s must be from 0 to 100, not %s', old.step, coalesce(new.progress::text, 'null')),
      'Write an integer from 0 to 100.');
  end if;
  if coalesce(new.status, '') not in ('pending', 'running', 'completed', 'failed', 'skipped', 'cancelled') then
    perform stepcast.fail_with('SC006', format('status of step %s cannot be %s', old.step, coalesce(new.status, 'null')),
      'A step is pending, running, completed, failed, skipped or cancelled.');
  end if;
  -- An unchanged value may be larger: a worker has other limits. Compared as text, because 1 equals 1.000… of any
  -- length.
  if new.message is distinct from old.message then
    perform stepcast.check_text(format('message of step %s', old.step), new.message);
  end if;
  if new.messages::text is distinct from old.messages::text then
    perform stepcast.check_texts(format('messages of step %s', old.step), new.messages);
  end if;
  if new.metadata::text is distinct from old.metadata::text then
    perform stepcast.check_metadata(format('metadata of step %s', old.step), new.metadata);
  end if;
  if new.error is distinct from old.error then
    if new.error = '' then
      perform stepcast.fail_with('SC006', format('error of step %s must not be empty', old.step), 'Write why it failed, or leave it out.');
    end if;
    perform stepcast.check_text(format('error of step %s', old.step), new.error);
  end if;
  if new.error_stack is distinct from old.error_stack then
    perform stepcast.check_text(format('error_stack of step %s', old.step), new.error_stack, 100000);
  end if;
  if new.output::text is distinct from old.output::text then
    perform stepcast.check_json(format('output of step %s', old.step), new.output);
  end if;
  if (new.message, new.messages::text, new.metadata::text, new.error, new.error_stack)
    is distinct from (old.message, old.messages::text, old.metadata::text, old.error, old.error_stack)
  then
    perform stepcast.check_weight(new.run_id, coalesce(octet_length(new.message), 0) + octet_length(new.metadata::text)
      + coalesce(octet_length(new.messages::text), 0) + coalesce(octet_length(new.error), 0) + coalesce(octet_length(new.error_stack), 0));
  end if;
  if new.progress > old.progress and new.status = old.status and old.status <> 'running' then
    perform stepcast.fail_with('SC004', format('step %s is %s and cannot progress', old.step, old.status), 'Only a running step progresses.');
  end if;
  new.progress := case
    when new.status = old.status and old.status <> 'running' then old.progress
    when new.has_declared_substeps then old.progress
    else greatest(old.progress, least(new.progress, 99))
  end;
  if new.message is distinct from old.message and new.messages is not distinct from old.messages then
    new.messages := null;
  end if;
  if new is not distinct from old then
    return null;
  end if;

  select * into run
  from stepcast.runs
  where id = new.run_id
  for no key update;
  -- The engine's updates below are statements of their own, after which raise_steps must not follow these steps yet.
  followed := nullif(current_setting('stepcast.steps_to_follow', true), '')::bigint[];
  perform set_config('stepcast.steps_to_follow', '', true);
  run.revision := run.revision + 1;
  new.revision := run.revision;
  new.updated_at := clock_timestamp();
  if new.status = old.status then
    perform stepcast.save_run(run, new);
  else
    -- An error that is given with skipped or cancelled is the reason: the step itself keeps none.
    new.error := case
      when new.status = 'failed' then coalesce(new.error, format('Set to failed by %s', stepcast.actor()))
      when new.status <> 'completed' and new.error is distinct from old.error then new.error
    end;
    perform stepcast.operate_step(run, old, new);
  end if;
  -- Consequences for other steps come after the statement: see raise_steps.
  if (new.parent_id is not null and new.declared)
    or (new.status <> old.status and exists (
      select
      from stepcast.steps c
      where c.parent_id = new.id
        and c.status in ('pending', 'running')
    ))
  then
    followed := array_append(followed, new.id);
  end if;
  perform set_config('stepcast.steps_to_follow', coalesce(followed::text, ''), true);
  return new;
end
$$;

create or replace trigger a_write_step_plainly
before update on stepcast.steps
for each row when (old.revision = new.revision)
execute function stepcast.write_step_plainly();
