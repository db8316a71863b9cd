-- A plain `update stepcast.runs` by somebody other than the engine (which always bumps the revision itself). It may
-- change only what is description. A write that changes nothing is dropped, so it announces nothing.
create or replace function stepcast.write_run_plainly()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  allowed stepcast.runs := old;
  blank text;
begin
  if new is not distinct from old then
    return null;
  end if;
  allowed.metadata := new.metadata;
  allowed.display_name := new.display_name;
  allowed.display_names := new.display_names;
  if new is distinct from allowed then
    perform stepcast.fail_with('SC006', format('a plain update of run %s may change metadata, display_name and display_names only', old.id),
      'Use stepcast.cancel_run, stepcast.retry_run or stepcast.finish_run to change what the run does.');
  end if;
  if new.display_name is distinct from old.display_name and coalesce(new.display_name, '') = '' then
    perform stepcast.fail_with('SC006', format('run %s must have a display_name', old.id), 'Write what people should read.');
  end if;
  -- An unchanged value may be larger: it was imported, or registered. Compared as text, because 1 equals 1.000… of any
  -- length.
  if new.display_name is distinct from old.display_name then
    perform stepcast.check_text(format('display_name of run %s', old.id), new.display_name);
  end if;
  if new.display_names::text is distinct from old.display_names::text then
    perform stepcast.check_texts(format('display_names of run %s', old.id), new.display_names);
    select language into blank
    from jsonb_each_text(new.display_names) texts (language, name)
    where btrim(name) = ''
    limit 1;
    if found then
      perform stepcast.fail_with('SC006', format('display_names of run %s must not be empty, as it is for %s', old.id, left(blank, 200)),
        'Leave that language out: its readers see the display_name.');
    end if;
  end if;
  if new.metadata::text is distinct from old.metadata::text then
    perform stepcast.check_metadata(format('metadata of run %s', old.id), new.metadata);
  end if;
  new.revision := old.revision + 1;
  new.updated_at := clock_timestamp();
  return new;
end
$$;

-- Named so that it fires before change_run_status: triggers fire in alphabetical order.
create or replace trigger a_write_run_plainly
before update on stepcast.runs
for each row when (old.revision = new.revision)
execute function stepcast.write_run_plainly();
