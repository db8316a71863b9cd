-- Roles belong to the whole cluster: other databases may have made them already, or be making them at this moment. Run
-- by itself, before everything else, so that nobody waits for the migration of another database.
-- 42501 where the session may not create roles and one is missing.
do $$
declare
  wanted text;
begin
  foreach wanted in array '{stepcast_owner,stepcast_worker,stepcast_server,stepcast_writer,stepcast_reader}'::text[] loop
    begin
      if to_regrole(wanted) is null then
        execute format('create role %I nologin', wanted);
      end if;
    exception
      -- Whoever makes it at the same time comes out at the second, or at the first where it has committed meanwhile.
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;
