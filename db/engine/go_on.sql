-- Begins the next step of a held run, or completes the run where there is none; saves it. Answers with `step`, the one
-- that began (null: none), and `ended`. `p_settles`: the caller runs the workflow's onEnd in this transaction, should the
-- run end; else it stays owed.
create or replace function stepcast.go_on(p_run stepcast.runs, p_settles boolean)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  next_step stepcast.steps;
begin
  select * into next_step
  from stepcast.steps s
  where s.run_id = p_run.id
    and s.parent_id is null
    and s.status = 'pending'
  order by s.sequence
  limit 1
  for no key update;
  if next_step.id is null then
    p_run := stepcast.end_run(p_run, 'completed', (
      select s.output
      from stepcast.steps s
      where s.run_id = p_run.id
        and s.parent_id is null
      order by s.sequence desc
      limit 1
    ));
    p_run.on_end_pending := not p_settles;
  else
    p_run := stepcast.set_step(p_run, next_step, 'running');
  end if;
  perform stepcast.save_run(p_run);
  if p_run.status = 'completed' then
    perform stepcast.refresh_estimates(p_run.tenant, p_run.workflow);
  end if;
  return jsonb_build_object(
    'ended', next_step.id is null,
    'step', case when next_step.id is not null then
      jsonb_build_object('id', next_step.id, 'step', next_step.step, 'attempt', next_step.attempt + 1)
    end
  );
end
$$;
