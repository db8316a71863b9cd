-- Fails a held run from outside its worker, together with the steps that were running: the worker is fenced at once,
-- and onEnd is owed.
create or replace function stepcast.fail_run(p_run stepcast.runs, p_reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step stepcast.steps;
begin
  for step in
    select *
    from stepcast.steps s
    where s.run_id = p_run.id
      and s.parent_id is null
      and s.status = 'running'
    order by s.id
    for no key update
  loop
    p_run := stepcast.set_step(p_run, step, 'failed', null, p_reason);
  end loop;
  p_run := stepcast.end_run(p_run, 'failed', null, p_reason);
  p_run := stepcast.owe_on_end(p_run);
  perform stepcast.save_run(p_run);
  if p_run.on_end_pending then
    perform stepcast.queue_run(p_run);
  end if;
end
$$;
