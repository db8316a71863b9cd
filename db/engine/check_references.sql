-- Foreign keys that are `initially deferred` (Django declares all of its own so) would refuse a deletion only at
-- commit, where nobody can name them or pass over their runs. With true, those that refer to Stepcast's tables are
-- checked statement by statement from now on in this transaction; with false, at its end again.
create or replace function stepcast.check_references(p_at_once boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  foreign_key record;
begin
  for foreign_key in
    select distinct n.nspname, c.conname
    from pg_constraint c
    join pg_class referred on referred.oid = c.confrelid
    join pg_namespace n on n.oid = c.connamespace
    where c.contype = 'f'
      and c.condeferred
      and referred.relnamespace = 'stepcast'::regnamespace
  loop
    execute format('set constraints %I.%I %s', foreign_key.nspname, foreign_key.conname, case when p_at_once then 'immediate' else 'deferred' end);
  end loop;
end
$$;
