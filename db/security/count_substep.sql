-- Counts a sub-step that a caller adds to a held run. SC006 if the run has 10,000 already, or if this one would be
-- below ten others: every watcher receives them all, and whoever ends the run goes through them all. A worker's
-- handlers are trusted, and checking the levels would cost one more query for each of their sub-steps.
create or replace function stepcast.count_substep(p_run stepcast.runs, p_parent stepcast.steps)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  deepest constant integer := 10;
  most constant integer := 10000;
begin
  if p_run.substeps_added >= most then
    perform stepcast.fail_with('SC006', format('run %s has %s added sub-steps, which is the limit', p_run.id, most),
      'Let a sub-step stand for more of the work, and report its progress.');
  end if;
  -- Most are directly below a top-level step: then there is nothing to look up.
  if p_parent.parent_id is not null and (
    with recursive above as (
      select p_parent.parent_id as id, 1 as height
      union all
      select s.parent_id, a.height + 1
      from above a
      join stepcast.steps s on s.id = a.id
      where s.parent_id is not null
    )
    select max(height) >= deepest from above
  ) then
    perform stepcast.fail_with('SC006', format('a sub-step of %s would stand more than %s levels deep', p_parent.step, deepest),
      'Add it to a step further up.');
  end if;
  p_run.substeps_added := p_run.substeps_added + 1;
  return p_run;
end
$$;
