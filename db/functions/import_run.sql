-- Imports one finished run as another system has recorded it, and returns its id:
--   {workflow, key, tenant, display_name, status, input, output, error, metadata, created_at, started_at, completed_at,
--    steps: [{step, display_name, status, started_at, completed_at, attempts, message, output, error, substeps: […]}]}
-- Required are workflow, status and steps, each with its step and status. A run's times default to the first and last
-- of its steps', its error to that of the step that failed. `attempts` is a number, or a list of {status, worker,
-- error, started_at, completed_at}. Under a key, importing the same content again returns the run that it made.
-- SC006: what is wrong, in which step and, in its detail, under which key. SC007: the key has another run.
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
  hint text;
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
  when data_exception or integrity_constraint_violation or sqlstate 'SC006' then
    get stacked diagnostics hint := pg_exception_hint;
    -- Not by fail_with: one statement may import a whole table, and this says which row of it is wrong.
    raise exception using
      errcode = 'SC006',
      message = case sqlstate
        when 'SC006' then sqlerrm
        when '23505' then format('%s cannot be imported: there is another one of that name beside it', place)
        else format('%s cannot be imported: %s', place, sqlerrm)
      end,
      hint = case sqlstate
        when 'SC006' then hint
        when '23505' then 'Give each a name of its own.'
        else 'Nothing was imported; correct it and try again.'
      end,
      detail = format('It is the run %s of workflow %s.', coalesce('under key ' || left(history ->> 'key', 255), 'without a key'), left(history ->> 'workflow', 200));
end
$$;
