-- Names the time since the last crash or promotion, after which commits may be lost and revisions may have fallen: the
-- table is unlogged, so it is empty then, and whoever finds it so fills it with a new name. A clean restart keeps it.
create or replace function stepcast.current_epoch()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  current text := (select epoch from stepcast.epoch);
begin
  if current is null then
    insert into stepcast.epoch (epoch)
    values (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12))
    on conflict do nothing;
    select epoch into current from stepcast.epoch;
  end if;
  return current;
end
$$;
