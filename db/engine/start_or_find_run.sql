-- start_run, which also returns whether it created the run or found it under its key.
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
  known constant stepcast.workflows := stepcast.current_workflow(p_workflow);
  wanted stepcast.runs := stepcast.wanted_start(known, p_tenant, p_key, p_input, p_metadata, p_priority, p_run_at);
  result record;
begin
  if not p_announces then
    perform set_config('stepcast.announces_later', 'on', true);
  end if;
  select * into result
  from stepcast.create_run(wanted, p_again, known.display_name, known.display_names, known.steps);
  id := result.id;
  created := result.created;
  perform set_config('stepcast.announces_later', '', true);
  if created then
    wanted.id := id;
    perform stepcast.queue_new_runs(array[wanted]);
    if p_announces then
      perform stepcast.announce_jobs(1);
    end if;
  end if;
end
$$;
