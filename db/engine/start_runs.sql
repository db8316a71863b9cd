-- start_run for many starts of one workflow, without keys:
-- [{actor, tenant, input, metadata, priority, runAt, trace}, …]. Returns their runs in the same order, or raises the
-- first error and creates no run. The caller announces them after the commit.
create or replace function stepcast.start_runs(p_workflow text, p_starts jsonb)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  known constant stepcast.workflows := stepcast.current_workflow(p_workflow);
  wanted stepcast.runs[];
  start jsonb;
  run stepcast.runs;
begin
  for start in
    select *
    from jsonb_array_elements(p_starts)
  loop
    run := stepcast.wanted_start(known, start ->> 'tenant', null, start -> 'input', start -> 'metadata',
      (start ->> 'priority')::integer, (start ->> 'runAt')::timestamptz);
    run.created_by := start ->> 'actor';
    run.traceparent := stepcast.traceparent(start #>> '{trace,traceparent}');
    run.tracestate := stepcast.tracestate(start #>> '{trace,tracestate}');
    wanted := wanted || run;
  end loop;
  perform set_config('stepcast.announces_later', 'on', true);
  perform stepcast.create_runs(wanted, known.display_name, known.display_names, known.steps);
  perform set_config('stepcast.announces_later', '', true);
  perform stepcast.queue_new_runs(wanted);
  return array(select r.id from unnest(wanted) with ordinality r order by r.ordinality);
end
$$;
