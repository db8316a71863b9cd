-- What a worker needs to drive a run that it has claimed.
create or replace function stepcast.claim_json(p_run stepcast.runs)
returns jsonb
language sql
stable
as $$
  select jsonb_build_object(
    'run', stepcast.run_info(p_run),
    'input', p_run.input,
    'results', stepcast.claimed_results(p_run.id),
    'trace', jsonb_build_object('traceparent', p_run.traceparent, 'tracestate', p_run.tracestate)
  )
$$;
