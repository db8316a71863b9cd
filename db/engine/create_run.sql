-- Inserts a run with all its steps, or finds the one that its key already has. For start_run and open_run, which define
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
declare
  violated text;
begin
  if p_new.key is not null then
    -- Two concurrent starts create one run: the second waits here until the first has committed.
    perform stepcast.lock_key(p_new.tenant, p_new.workflow, p_new.key);
    id := (stepcast.run_of_key(p_new, p_again)).id;
    if id is null and p_again then
      p_new.id := stepcast.newer_id(p_new);
    end if;
  end if;
  created := id is null;
  if not created then
    return;
  end if;
  id := p_new.id;
  if p_new.key is null or current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
    perform stepcast.create_runs(array[p_new], p_display_name, p_display_names, p_steps);
    return;
  end if;
  -- At a higher isolation level, a transaction does not see runs that were started since it began: report a
  -- serialization conflict like any other. Caught only here, because that takes a subtransaction.
  begin
    perform stepcast.create_runs(array[p_new], p_display_name, p_display_names, p_steps);
  exception
    when unique_violation then
      get stacked diagnostics violated = constraint_name;
      if violated <> 'one_unfinished_run_a_key' then
        raise;
      end if;
      raise exception using errcode = 'serialization_failure',
        message = format('key %s of workflow %s was started by another transaction meanwhile', p_new.key, p_new.workflow),
        hint = 'Run the transaction again.';
  end;
end
$$;
