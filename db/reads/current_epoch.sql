-- Names the time since the last crash, promotion or restore, after which commits may be lost and revisions may have
-- fallen: the table is unlogged, so it is empty then, and whoever finds it so fills it with a new name. A clean restart
-- keeps it, and so does a copy of the whole database. What a dump brought was written by another transaction than it
-- says, and counts as none; vacuum keeps `xmin` as it was, when it freezes the row too.
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
    -- Whoever comes at the same time waits here or at the next statement, and finds the first one's.
    delete from stepcast.epoch
    where written_by is distinct from xmin;
    insert into stepcast.epoch (epoch)
    values (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12))
    on conflict do nothing;
    -- Asked of the row, because below a savepoint it is not pg_current_xact_id().
    update stepcast.epoch
    set written_by = xmin
    where written_by is null;
    select epoch into current from stepcast.epoch;
  end if;
  return current;
end
$$;
