-- start_run, and whether it created the run or found it under its key.
create or replace function stepcast.start_or_find_run(
  p_workflow text,
  p_input jsonb,
  p_key text,
  p_again boolean,
  p_run_at timestamptz,
  p_priority integer,
  p_tenant text,
  p_metadata jsonb,
  p_announces boolean,
  out id uuid,
  out created boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known stepcast.workflows;
  wanted stepcast.runs;
  result record;
begin
  select * into known
  from stepcast.workflows w
  where w.name = p_workflow
    and w.current;
  if not found then
    perform stepcast.fail_with('SC001', format('there is no workflow %s', coalesce(p_workflow, 'null')), format('Registered are: %s.',
      coalesce((select string_agg(w.name, ', ' order by w.name) from stepcast.workflows w where w.current), 'none; start a worker or run stepcast register')));
  end if;
  wanted := stepcast.wanted_run(p_tenant, p_workflow, p_key, p_input, p_metadata, p_priority);
  wanted.workflow_version := known.version;
  wanted.run_at := p_run_at;
  wanted.driver := 'worker';
  wanted.deadline_after := (known.options ->> 'timeout')::numeric * interval '1 millisecond';
  wanted.concurrency_limit := (known.options #>> '{concurrency,limit}')::integer;
  wanted.concurrency_slot := case when wanted.concurrency_limit is not null then
    jsonb_build_array(p_workflow, wanted.tenant, stepcast.fill_in(coalesce(known.options #>> '{concurrency,key}', ''), wanted.input))::text
  end;
  if not p_announces then
    perform set_config('stepcast.announces_later', 'on', true);
  end if;
  select * into result
  from stepcast.create_run(wanted, p_again, known.display_name, known.display_names, known.steps);
  id := (result.run).id;
  created := result.created;
  perform set_config('stepcast.announces_later', '', true);
  if created then
    perform stepcast.queue_new_run(result.run);
    if p_announces then
      perform stepcast.announce_jobs(1);
    end if;
  end if;
end
$$;
