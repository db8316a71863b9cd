-- After a plain update of steps: updates the parents of declared sub-steps, and ends what is unfinished below a step
-- that has ended. The row trigger cannot do this, because the same statement may be about to update these steps too,
-- and Postgres refuses that for a row which a trigger has written meanwhile. The row trigger leaves the ids in a
-- transaction-local setting.
create or replace function stepcast.raise_steps()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Every role can set a setting, and name another tenant's steps in it. A trusted role may change those too, whatever
  -- tenant it has set: the superuser and the owner are not restricted to that tenant in what they update.
  changed bigint[] := array(
    select s.id
    from stepcast.steps s
    where s.id = any (current_setting('stepcast.steps_to_follow')::bigint[])
      and (stepcast.is_trusted() or stepcast.may_act_for(s.tenant))
  );
begin
  perform set_config('stepcast.steps_to_follow', '', true);
  perform stepcast.raise_runs(changed);
  return null;
end
$$;

create or replace trigger raise_steps
after update on stepcast.steps
for each statement when (coalesce(current_setting('stepcast.steps_to_follow', true), '') <> '')
execute function stepcast.raise_steps();
