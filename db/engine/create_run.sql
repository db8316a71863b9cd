-- Inserts a run with all its steps, or finds the one that its key already has. For start_run and open_run, which say
-- what `p_new` is.
create or replace function stepcast.create_run(
  p_new stepcast.runs,
  p_again boolean,
  p_display_name text,
  p_display_names jsonb,
  p_steps jsonb,
  out id uuid,
  out created boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_new.key is not null then
    -- Two at once start one: the second waits here until the first has committed.
    perform stepcast.lock_key(p_new.tenant, p_new.workflow, p_new.key);
    id := (stepcast.run_of_key(p_new, p_again)).id;
  end if;
  created := id is null;
  if created then
    id := p_new.id;
    perform stepcast.create_runs(array[p_new], p_display_name, p_display_names, p_steps);
  end if;
end
$$;
