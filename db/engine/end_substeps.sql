-- A step that ends also ends its unfinished sub-steps. Running ones get the same status (cancelled if it completed
-- without them). Pending ones stay pending in a failed step, so that a retry finds them, and are skipped otherwise.
create or replace function stepcast.end_substeps(p_run stepcast.runs, p_step stepcast.steps, p_reason text)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  child stepcast.steps;
  ending text;
  before text;
begin
  for child in
    select *
    from stepcast.steps
    where parent_id = p_step.id
      and (status = 'running' or (status = 'pending' and p_step.status <> 'failed'))
    order by id
    for no key update
  loop
    ending := case
      when p_step.status in ('cancelled', 'skipped') then p_step.status
      when child.status = 'pending' then 'skipped'
      when p_step.status = 'failed' then 'failed'
      else 'cancelled'
    end;
    before := child.status;
    update stepcast.steps s
    set status = ending,
        error = case when ending = 'failed' then p_reason end,
        revision = p_run.revision,
        updated_at = clock_timestamp()
    where s.id = child.id
    returning * into child;
    perform stepcast.end_attempt(child, ending, p_reason);
    p_run.journal_entries := stepcast.write_journal(p_run, 'status', child, before, ending, p_reason);
    p_run := stepcast.end_substeps(p_run, child, p_reason);
  end loop;
  return p_run;
end
$$;
