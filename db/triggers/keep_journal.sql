-- The journal is append-only, and this guards against its owner's mistakes too: only purge_batch, which first declares
-- that it erases, can delete entries.
create or replace function stepcast.keep_journal()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform stepcast.fail_with('SC004', 'the journal is append-only', 'Entries are never changed; stepcast.purge_runs erases old ones with their runs.');
  return null;
end
$$;

create or replace trigger keep_journal
before update on stepcast.journal
for each row execute function stepcast.keep_journal();

create or replace trigger keep_entries
before delete on stepcast.journal
for each statement when (coalesce(current_setting('stepcast.erases_journal', true), '') <> 'on')
execute function stepcast.keep_journal();

create or replace trigger keep_all_entries
before truncate on stepcast.journal
for each statement execute function stepcast.keep_journal();
