-- Everything that each role may do. What an older version granted these roles is revoked first; what anybody else was
-- granted stays. PUBLIC gets nothing except the function that every policy calls. A missing role is skipped.
revoke all on schema stepcast from public;
revoke all on all tables in schema stepcast from public;
revoke all on all functions in schema stepcast from public;
grant execute on function stepcast.session_tenants to public;

do $$
declare
  roles constant text[] := '{stepcast_owner,stepcast_worker,stepcast_server,stepcast_writer,stepcast_reader}';
  readers constant text[] := '{stepcast_owner,stepcast_server,stepcast_writer,stepcast_reader}';
  -- Only for the tenants that the login may act for: see security/.
  actors constant text[] := '{stepcast_owner,stepcast_worker,stepcast_server,stepcast_writer}';
  wanted record;
begin
  for wanted in
    select rolname
    from pg_roles
    where rolname = any (roles)
  loop
    execute format('revoke all on all tables in schema stepcast from %I', wanted.rolname);
    execute format('revoke all on all functions in schema stepcast from %I', wanted.rolname);
    execute format('grant usage on schema stepcast to %I', wanted.rolname);
  end loop;

  for wanted in
    select r.rolname, format('%s on stepcast.%I', rights.what, relation) as what
    from (values
      (readers, 'select', '{workflows,runs,steps,attempts,journal,logs,role_tenants}'::text[]),
      (readers, 'select', '{run_progress,run_summaries,step_stats,workflow_stats,running_stats,stuck_runs}'),
      -- For view stuck_runs.
      (readers, 'select (id, name, beat_at)', '{workers}'),
      ('{stepcast_writer,stepcast_owner}', 'update (progress, message, messages, metadata, status, output, error, error_stack)', '{steps}'),
      ('{stepcast_writer,stepcast_owner}', 'update (metadata, display_name, display_names)', '{runs}'),
      ('{stepcast_owner}', 'select', '{workers,estimates,chores,epoch,migrations}'),
      ('{stepcast_owner}', 'insert, update, delete', '{role_tenants}'),
      ('{stepcast_owner}', 'delete', '{workflows,runs}')
    ) rights (roles, what, relations)
    cross join unnest(rights.relations) relation
    join pg_roles r on r.rolname = any (rights.roles)
    union all
    select r.rolname, format('execute on function stepcast.%I', function)
    from (values
      (readers, '{step_stats_since,workflow_stats_since,run_stats,run_trend,run_durations,step_durations,duration_edges,rate_of}'::text[]),
      (readers, '{stuck_steps,live_workers,is_unserved,task_name}'),
      (actors, '{start_run,open_run,begin_step,report_step,complete_step,fail_step,skip_step,log_line,finish_run}'),
      (actors, '{cancel_run,retry_run,delete_run,import_run}'),
      ('{stepcast_owner}', '{purge_runs,read_metrics,register_workflow}'),
      ('{stepcast_owner,stepcast_server}', '{announce,start_runs,start_or_find_run,operate_run,find_runs,newest_runs,newest_listed,list_runs,list_stuck,list_workflows}'),
      ('{stepcast_owner,stepcast_server}', '{read_changes,read_filed,cursor_key,read_journal,read_logs,read_metrics,read_revisions,read_run}'),
      ('{stepcast_owner,stepcast_server}', '{workflows_with_runs,stats_window,read_stats,read_run_stats,read_durations,read_running_stats}'),
      -- A worker's life cycle.
      ('{stepcast_worker}', '{register_workflow,register_tasks,register_worker,register_pool,release_worker,beat,lead}'),
      -- The runs that it drives.
      ('{stepcast_worker}', '{peek_run,run_is_free,admit_run,advance_runs,fail_attempt,resume_run,release_run,settle_claim,postpone_run,refuse_run}'),
      ('{stepcast_worker}', '{begin_substep,complete_substep,fail_substep,flush_reports,results_of,take_on_end,end_of_run,announce}'),
      -- What any worker does for all.
      ('{stepcast_worker}', '{take_over,hand_over_lost_runs,requeue_lost_runs,admit_all_parked_runs,expire_runs,end_stuck_steps}'),
      ('{stepcast_worker,stepcast_owner}', '{purge_batch,count_purgeable,graphile_schema}')
    ) rights (roles, functions)
    cross join unnest(rights.functions) function
    join pg_roles r on r.rolname = any (rights.roles)
  loop
    execute format('grant %s to %I', wanted.what, wanted.rolname);
  end loop;
end
$$;
