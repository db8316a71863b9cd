-- What a caller wants to start, checked. SC006 names the invalid value.
create or replace function stepcast.wanted_run(
  p_tenant text,
  p_workflow text,
  p_key text,
  p_input jsonb,
  p_metadata jsonb,
  p_priority integer
)
returns stepcast.runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted stepcast.runs;
begin
  if coalesce(p_tenant, '') = '' then
    perform stepcast.fail_with('SC006', 'tenant is empty', 'Name the tenant, or leave it out for “default”.');
  end if;
  if coalesce(p_workflow, '') = '' or length(p_workflow) > 200 or length(p_tenant) > 200 then
    perform stepcast.fail_with('SC006', 'workflow and tenant must have 1 to 200 characters', 'Name the workflow.');
  end if;
  perform stepcast.check_tenant(p_tenant);
  if p_key = '' or length(p_key) > 255 then
    perform stepcast.fail_with('SC006', format('key must have 1 to 255 characters, not %s', length(p_key)), 'Leave it out for a run without a key.');
  end if;
  perform stepcast.check_json('input', p_input);
  perform stepcast.check_metadata('metadata', coalesce(p_metadata, '{}'));
  if p_priority not between -32768 and 32767 then
    perform stepcast.fail_with('SC006', format('priority must be from -32768 to 32767, not %s', p_priority), 'A lower number runs earlier; 0 is the default.');
  end if;
  wanted.id := stepcast.uuid_v7();
  wanted.tenant := p_tenant;
  wanted.workflow := p_workflow;
  wanted.key := p_key;
  wanted.input := coalesce(p_input, '{}');
  wanted.metadata := coalesce(p_metadata, '{}');
  wanted.priority := coalesce(p_priority, 0);
  wanted.run_at := clock_timestamp();
  wanted.created_by := stepcast.actor();
  wanted.traceparent := stepcast.traceparent(current_setting('stepcast.traceparent', true));
  wanted.tracestate := stepcast.tracestate(current_setting('stepcast.tracestate', true));
  return wanted;
end
$$;
