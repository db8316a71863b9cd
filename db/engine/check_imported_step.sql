-- Refuses a step that import_run cannot accept.
create or replace function stepcast.check_imported_step(p_step jsonb, p_place text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  status text := p_step ->> 'status';
  last_attempt text;
begin
  perform stepcast.check_import(p_step, p_place,
    '{step,display_name,status,started_at,completed_at,attempts,message,output,error,substeps}');
  if coalesce(p_step ->> 'step', '') = '' then
    perform stepcast.fail_with('SC006', format('%s has no name', p_place), 'Each has a “step”, unique among its siblings.');
  end if;
  if length(p_step ->> 'step') > 200 then
    perform stepcast.fail_with('SC006', format('%s: a name has 200 characters at most, not %s', p_place, length(p_step ->> 'step')), 'Put the long text into display_name.');
  end if;
  if coalesce(status, '') not in ('pending', 'completed', 'failed', 'skipped', 'cancelled') then
    perform stepcast.fail_with('SC006', format('%s: status must be pending, completed, failed, skipped or cancelled, not %s', p_place, coalesce(status, 'missing')),
      'Say what became of it.');
  end if;
  if status in ('completed', 'failed') and (p_step ->> 'started_at' is null or p_step ->> 'completed_at' is null) then
    perform stepcast.fail_with('SC006', format('%s is %s without %s', p_place, status, case when p_step ->> 'started_at' is null then 'started_at' else 'completed_at' end),
      'Give both times; where only one is known, give it twice.');
  end if;
  if status = 'pending' and (p_step ->> 'started_at' is not null or p_step ->> 'completed_at' is not null) then
    perform stepcast.fail_with('SC006', format('%s is pending but has times', p_place), 'A step that began was completed, failed, skipped or cancelled.');
  end if;
  if (status = 'failed') <> (coalesce(p_step ->> 'error', '') <> '') then
    perform stepcast.fail_with('SC006', format('%s is %s %s an error', p_place, status, case when status = 'failed' then 'without' else 'but has' end),
      'A failed step says why, and no other has an error: use message.');
  end if;
  if coalesce(jsonb_typeof(p_step -> 'substeps'), 'null') not in ('array', 'null') then
    perform stepcast.fail_with('SC006', format('%s: substeps must be an array, not %s', p_place, jsonb_typeof(p_step -> 'substeps')), 'Write a list like steps.');
  end if;
  if coalesce(jsonb_typeof(p_step -> 'attempts'), 'null') not in ('array', 'number', 'null') then
    perform stepcast.fail_with('SC006', format('%s: attempts must be a number or an array, not %s', p_place, jsonb_typeof(p_step -> 'attempts')),
      'Write how many there were, or a list of them.');
  end if;
  if jsonb_typeof(p_step -> 'attempts') = 'array' and jsonb_array_length(p_step -> 'attempts') > 1000 then
    perform stepcast.fail_with('SC006', format('%s must have at most 1000 attempts, not %s', p_place, jsonb_array_length(p_step -> 'attempts')),
      'Write how many there were, as a number.');
  end if;
  if jsonb_typeof(p_step -> 'attempts') = 'array' then
    perform stepcast.check_imported_attempt(definition, format('%s, attempt %s', p_place, attempt))
    from jsonb_array_elements(p_step -> 'attempts') with ordinality attempts (definition, attempt);
    last_attempt := p_step #>> '{attempts,-1,status}';
    if (status = 'completed' and last_attempt = 'failed') or (status = 'failed' and last_attempt = 'completed') then
      perform stepcast.fail_with('SC006', format('%s is %s, but its last attempt is %s', p_place, status, last_attempt),
        'A step ends as its last attempt did; list the attempts in their order.');
    end if;
  elsif (p_step ->> 'attempts')::numeric not between 0 and 1000000 then
    perform stepcast.fail_with('SC006', format('%s: attempts must be from 0 to 1000000, not %s', p_place, p_step ->> 'attempts'), 'Write how many there were.');
  end if;
end
$$;
