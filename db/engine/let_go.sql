-- Takes a held run from its worker, in the record and in its running steps: they go back to pending, what they
-- completed stays, and the next claim continues from there. `p_except` is a step that the caller is writing.
create or replace function stepcast.let_go(p_run stepcast.runs, p_except bigint, p_reason text)
returns stepcast.runs
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
      and s.status = 'running'
      and s.id is distinct from p_except
    order by s.id
    for no key update
  loop
    p_run := stepcast.set_step(p_run, step, 'pending', null, p_reason);
  end loop;
  p_run.lease := p_run.lease + 1;
  p_run.worker := null;
  p_run.run_at := clock_timestamp();
  return p_run;
end
$$;
