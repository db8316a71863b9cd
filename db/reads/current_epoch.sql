-- Names the time since the last crash, promotion or restore, after which commits may be lost and revisions may have
-- fallen. The table is unlogged, so it is empty then, and whoever finds it empty fills it with a new name. A clean
-- restart keeps the name, and so does a copy of the whole database. A row that came from a dump was written by another
-- transaction than the one it names, and does not count; vacuum keeps `xmin` as it was, even when it freezes the row.
create or replace function stepcast.current_epoch()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  current text := (select epoch from stepcast.epoch where written_by = xmin);
begin
  if current is null then
    -- A concurrent session waits here or at the next statement, and finds the first one's name.
    delete from stepcast.epoch
    where written_by is distinct from xmin;
    insert into stepcast.epoch (epoch)
    values (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12))
    on conflict do nothing;
    -- Read from the row, because below a savepoint it is not pg_current_xact_id().
    update stepcast.epoch
    set written_by = xmin
    where written_by is null;
    select epoch into current from stepcast.epoch;
  end if;
  return current;
end
$$;
