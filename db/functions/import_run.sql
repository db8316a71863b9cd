-- Imports one finished run as another system has recorded it, and returns its id:
--   {workflow, key, tenant, display_name, status, input, output, error, metadata, created_at, started_at, completed_at,
--    steps: [{step, display_name, status, started_at, completed_at, attempts, message, output, error, substeps: […]}]}
-- Required are workflow, status and steps, each with its step and status. A run's times default to the first and last
-- of its steps', its error to that of the step that failed. `attempts` is a number, or a list of {status, worker,
-- error, started_at, completed_at}. Under a key, importing the same content again returns the run that it made.
-- SC006: what is wrong, and in which step. SC007: the key has another run.
create or replace function stepcast.import_run(history jsonb)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- The planner takes the recursion over sub-steps for a large query: with JIT on, compiling it took 100 ms per run.
set jit = off
as $$
declare
  -- What is being checked, for the message of an error that Postgres itself finds.
  place text := 'the run';
  new stepcast.runs;
  known uuid;
  entry record;
  -- By level: the step that was inserted last, whose sub-steps are those that follow one level below.
  latest bigint[];
begin
  perform stepcast.check_import(history, place,
    '{workflow,key,tenant,display_name,status,input,output,error,metadata,created_at,started_at,completed_at,steps}');
  if jsonb_typeof(history -> 'steps') is distinct from 'array' then
    perform stepcast.fail_with('SC006', format('the run: steps must be an array, not %s', coalesce(jsonb_typeof(history -> 'steps'), 'missing')),
      'Write [{"step": …, "status": …}, …].');
  end if;
  perform stepcast.check_steps(history -> 'steps', 10000);
  perform stepcast.check_json('history', history, 67108864);
  for entry in
    select *
    from stepcast.imported_steps(history -> 'steps')
  loop
    place := format('step %s', entry.path);
    perform stepcast.check_imported_step(entry.definition, place);
  end loop;
  place := 'the run';
  new := stepcast.imported_run(history);
  if new.key is not null then
    perform stepcast.lock_key(new.tenant, new.workflow, new.key);
    known := stepcast.find_import(new, history);
    if known is not null then
      return known;
    end if;
  end if;
  new := stepcast.insert_import(new);
  for entry in
    select *
    from stepcast.imported_steps(history -> 'steps')
  loop
    place := format('step %s', entry.path);
    latest[entry.level] := stepcast.import_step(new, latest[entry.level - 1], entry.position, entry.definition);
  end loop;
  new.journal_entries := 0;
  perform stepcast.write_journal(new, 'import', null, null, new.status);
  if new.status = 'completed' then
    perform stepcast.refresh_estimates(new.tenant, new.workflow);
  end if;
  return new.id;
exception
  when unique_violation then
    perform stepcast.fail_with('SC006', format('%s cannot be imported: there is another one of that name beside it', place), 'Give each a name of its own.');
    return null;
  when data_exception or integrity_constraint_violation then
    perform stepcast.fail_with('SC006', format('%s cannot be imported: %s', place, sqlerrm), 'Nothing was imported; correct it and try again.');
    return null;
end
$$;
