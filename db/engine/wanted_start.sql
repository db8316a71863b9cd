-- What a caller wants to start from a registered workflow, checked.
create or replace function stepcast.wanted_start(
  p_known stepcast.workflows,
  p_tenant text,
  p_key text,
  p_input jsonb,
  p_metadata jsonb,
  p_priority integer,
  p_run_at timestamptz
)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted stepcast.runs := stepcast.wanted_run(p_tenant, p_known.name, p_key, p_input, p_metadata, p_priority);
  slot text;
begin
  perform stepcast.check_time('run_at', p_run_at);
  wanted.workflow_version := p_known.version;
  wanted.run_at := coalesce(p_run_at, wanted.run_at);
  wanted.driver := 'worker';
  wanted.deadline_after := (p_known.options ->> 'timeout')::numeric * interval '1 millisecond';
  wanted.concurrency_limit := (p_known.options #>> '{concurrency,limit}')::integer;
  if wanted.concurrency_limit is not null then
    slot := jsonb_build_array(p_known.name, wanted.tenant,
      stepcast.fill_in(coalesce(p_known.options #>> '{concurrency,key}', ''), wanted.input, null));
    -- No index accepts an entry of over 2,704 bytes; what the input fills in may be longer.
    wanted.concurrency_slot := case when octet_length(slot) > 2000 then encode(sha256(convert_to(slot, 'utf8')), 'hex') else slot end;
  end if;
  return wanted;
end
$$;
