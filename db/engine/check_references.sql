-- Foreign keys that are `initially deferred` (Django declares all of its own this way) would refuse a deletion only at
-- commit, where nobody can name them or pass over their runs. With true, those that refer to Stepcast's tables are
-- checked after each statement for the rest of this transaction; with false, at its end again.
-- A foreign key cannot be named without the right to use its schema, nor deferred if another constraint of its name in
-- that schema is not deferrable. Then `set constraints all` is used, which looks up no name, and at once checks
-- whatever the transaction had deferred. With false, all are deferred after it, and those declared `initially
-- immediate` are set to be checked after each statement again, as far as they can be named: for the rest, a violation
-- found later is still a violation, while a check that comes too early refuses what is right at the end. But deferred
-- checks would run here with this function's search_path and, up to PostgreSQL 17, as its owner: so if somebody has a
-- deferrable trigger, or a deferrable exclusion constraint, which may call functions, `all` is not used. Such a foreign
-- key is then checked at the end of the transaction, where its error undoes everything.
create or replace function stepcast.check_references(p_at_once boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  mode constant text := case when p_at_once then 'immediate' else 'deferred' end;
  foreign_key record;
  other record;
begin
  for foreign_key in
    select distinct
      n.nspname,
      c.conname,
      has_schema_privilege(n.oid, 'usage') and not exists (
        select
        from pg_constraint o
        where o.conname = c.conname
          and o.connamespace = c.connamespace
          and not o.condeferrable
      ) as has_name
    from pg_constraint c
    join pg_class referred on referred.oid = c.confrelid
    join pg_namespace n on n.oid = c.connamespace
    where c.contype = 'f'
      and c.condeferred
      and referred.relnamespace = 'stepcast'::regnamespace
    order by has_name
  loop
    if foreign_key.has_name then
      execute format('set constraints %I.%I %s', foreign_key.nspname, foreign_key.conname, mode);
      continue;
    end if;
    continue when exists (select from pg_trigger where tgdeferrable and not tgisinternal)
      or exists (select from pg_constraint where contype = 'x' and condeferrable);
    execute 'set constraints all ' || mode;
    exit when p_at_once;
    for other in
      select distinct n.nspname, c.conname
      from pg_constraint c
      join pg_namespace n on n.oid = c.connamespace
      where c.condeferrable
        and not c.condeferred
        and has_schema_privilege(n.oid, 'usage')
    loop
      execute format('set constraints %I.%I immediate', other.nspname, other.conname);
    end loop;
    exit;
  end loop;
end
$$;
