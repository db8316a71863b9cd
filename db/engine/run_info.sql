-- A run as its handlers see it: type RunInfo in engine.ts. Neither `security definer` nor with a setting of its own, so
-- that it is inlined where a batch is claimed.
create or replace function stepcast.run_info(p_run stepcast.runs)
returns jsonb
language sql
stable
as $$
  select jsonb_build_object(
    'id', p_run.id,
    'workflow', p_run.workflow,
    'key', p_run.key,
    'tenant', p_run.tenant,
    'displayName', p_run.display_name
  )
$$;
