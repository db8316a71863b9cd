-- Sets a finished step back to pending; with `p_forget`, without its progress.
create or replace function stepcast.reset_step(p_run stepcast.runs, p_step stepcast.steps, p_forget boolean default false)
returns stepcast.steps
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update stepcast.steps s
  set status = 'pending',
      progress = case when p_forget then 0 else least(s.progress, 99) end,
      message = case when p_forget then null else s.message end,
      messages = case when p_forget then null else s.messages end,
      failures = 0,
      revision = p_run.revision,
      updated_at = clock_timestamp()
  where s.id = p_step.id
  returning *
$$;
