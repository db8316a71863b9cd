-- Ends a held run, only in the record: the caller saves it. Fences whoever has the lease; steps that are still running
-- are cancelled with the run, except `p_except`, which the caller is writing.
create or replace function stepcast.end_run(
  p_run stepcast.runs,
  p_status text,
  p_output jsonb default null,
  p_error text default null,
  p_error_stack text default null,
  p_except bigint default null
)
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
      and s.parent_id is null
      and s.status = 'running'
      and s.id is distinct from p_except
    order by s.id
    for no key update
  loop
    p_run := stepcast.set_step(p_run, step, 'cancelled', null, p_error);
  end loop;
  -- A step that waited for its next attempt no longer waits.
  update stepcast.steps
  set next_attempt_at = null,
      error = null,
      error_stack = null,
      revision = p_run.revision,
      updated_at = clock_timestamp()
  where run_id = p_run.id
    and next_attempt_at is not null
    and id is distinct from p_except;
  p_run.journal_entries := stepcast.write_journal(p_run, 'status', null, p_run.status, p_status, p_error);
  p_run.status := p_status;
  p_run.output := p_output;
  p_run.error := p_error;
  p_run.error_stack := p_error_stack;
  p_run.lease := p_run.lease + 1;
  p_run.worker := null;
  return p_run;
end
$$;
