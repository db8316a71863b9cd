-- Erases a finished run with its steps, attempts and logs. Its journal stays, with a last entry that says who, why and
-- what the run was. SC002: no such run. SC004: it is not finished, its onEnd is still owed, or a row in somebody else's
-- table refers to it and cannot go, or change, with it.
create or replace function stepcast.delete_run(run uuid, reason text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  held stepcast.runs := stepcast.hold_own_run(run);
  referring_schema text;
  referring_table text;
  foreign_key text;
begin
  perform stepcast.check_text('reason', reason);
  if held.status in ('pending', 'running') then
    perform stepcast.fail_with('SC004', format('run %s cannot be deleted: it is %s', run, held.status), 'Cancel it first.');
  end if;
  if held.on_end_pending then
    perform stepcast.fail_with('SC004', format('run %s cannot be deleted: no worker has run its onEnd yet', run),
      'Start a worker that has its workflow; it does so at once.');
  end if;
  perform stepcast.check_references(true);
  begin
    delete from stepcast.runs
    where id = run;
    -- The journal must not say that it is gone.
    if not found then
      perform stepcast.fail_with('SC004', format('run %s cannot be deleted: a trigger of stepcast.runs has kept it', run),
        'The trigger is not one of Stepcast''s: ask who owns its tables.');
    end if;
  exception
    -- `on delete restrict` has its own error code from PostgreSQL 18 on.
    when foreign_key_violation or restrict_violation then
      get stacked diagnostics
        referring_schema = schema_name,
        referring_table = table_name,
        foreign_key = constraint_name;
      perform stepcast.fail_with('SC004',
        format('run %s cannot be deleted: a row of %I.%I refers to it by foreign key %I', run, referring_schema, referring_table, foreign_key),
        'Delete or change that row first, or declare the foreign key with on delete set null or cascade.');
    -- What the foreign key would change with the run has constraints and triggers of its own.
    when integrity_constraint_violation or raise_exception then
      perform stepcast.fail_with('SC004', format('run %s cannot be deleted: %s', run, sqlerrm),
        'A row that refers to it cannot go, or change, with it: delete or change that row first.');
  end;
  perform stepcast.check_references(false);
  insert into stepcast.journal (run_id, tenant, entry, actor, action, from_status, reason, workflow, key)
  values (held.id, held.tenant, held.journal_entries + 1, stepcast.actor(), 'delete', held.status, reason, held.workflow, held.key);
end
$$;
