-- After a plain update of declared sub-steps: their parents follow. Not in the row trigger, because the same statement
-- may want to update the parent too. The row trigger leaves the sub-steps' ids in a setting of the transaction.
create or replace function stepcast.raise_steps()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Every role can set a setting, and name steps of another tenant in it.
  substeps bigint[] := array(
    select s.id
    from stepcast.steps s
    where s.id = any (current_setting('stepcast.substeps_to_raise')::bigint[])
      and stepcast.may_act_for(s.tenant)
  );
begin
  perform set_config('stepcast.substeps_to_raise', '', true);
  perform stepcast.raise_runs(substeps);
  return null;
end
$$;

create or replace trigger raise_steps
after update on stepcast.steps
for each statement when (coalesce(current_setting('stepcast.substeps_to_raise', true), '') <> '')
execute function stepcast.raise_steps();
