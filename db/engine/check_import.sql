-- Refuses what import_run cannot accept of a run, a step or an attempt alike. Without this, a misspelt member would be
-- lost silently.
create or replace function stepcast.check_import(p_value jsonb, p_place text, p_members text[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text;
  member text;
begin
  if jsonb_typeof(p_value) is distinct from 'object' then
    perform stepcast.fail_with('SC006', format('%s must be a JSON object, not %s', p_place, coalesce(jsonb_typeof(p_value), 'null')),
      format('Its members are %s.', array_to_string(p_members, ', ')));
  end if;
  select name into unknown
  from jsonb_object_keys(p_value) name
  where name <> all (p_members);
  if found then
    perform stepcast.fail_with('SC006', format('%s has an unknown member “%s”', p_place, unknown),
      format('Known are %s.', array_to_string(p_members, ', ')));
  end if;
  foreach member in array '{display_name,message,error}'::text[] loop
    perform stepcast.check_text(format('%s: %s', p_place, member), p_value ->> member);
  end loop;
  foreach member in array '{input,output,metadata}'::text[] loop
    perform stepcast.check_json(format('%s: %s', p_place, member), p_value -> member);
  end loop;
  foreach member in array '{created_at,started_at,completed_at}'::text[] loop
    continue when p_value ->> member is null;
    if jsonb_typeof(p_value -> member) <> 'string' then
      perform stepcast.fail_with('SC006', format('%s: %s must be a time as a string, not a %s', p_place, member, jsonb_typeof(p_value -> member)),
        'Write it as "2026-01-31T12:00:00Z".');
    end if;
    -- This is history; clocks may differ, and so may the date that they call today.
    perform stepcast.check_time(format('%s: %s', p_place, member), (p_value ->> member)::timestamptz, clock_timestamp() + interval '1 day');
  end loop;
  if (p_value ->> 'completed_at')::timestamptz < (p_value ->> 'started_at')::timestamptz then
    perform stepcast.fail_with('SC006', format('%s: completed_at %s is before started_at %s', p_place, p_value ->> 'completed_at', p_value ->> 'started_at'),
      'Correct one of them.');
  end if;
end
$$;
