-- Roles belong to the whole cluster: other databases may have created them already, or may be creating them at this
-- moment. Runs on its own, before everything else, so that nobody waits for the migration of another database.
-- 42501 if a role is missing and the session may not create roles.
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
      -- A session that creates it at the same time gets the second error, or the first if the other one has committed
      -- by then.
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;
