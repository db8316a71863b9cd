-- Writes the journal entry for a run that goes from pending to running, once.
create or replace function stepcast.journal_start(p_run stepcast.runs)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from stepcast.runs where id = p_run.id and status = 'pending') then
    p_run.journal_entries := stepcast.write_journal(p_run, 'status', null, 'pending', 'running');
  end if;
  return p_run;
end
$$;
