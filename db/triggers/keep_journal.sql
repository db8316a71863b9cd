-- The journal is append-only, for its owner's mistakes too.
create or replace function stepcast.keep_journal()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform stepcast.fail_with('SC004', 'the journal is append-only', 'Entries are never changed; write a new one.');
  return null;
end
$$;

create or replace trigger keep_journal
before update on stepcast.journal
for each row execute function stepcast.keep_journal();
