-- 'Importing “{path}”' with the input's path: {a.b} goes into objects, an unknown name stays as it is.
create or replace function stepcast.fill_in(template text, input jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  name text;
  value text;
  filled text := template;
begin
  for name in
    select distinct placeholder[1]
    from regexp_matches(template, '\{([^{}]+)\}', 'g') placeholder
  loop
    value := input #>> string_to_array(name, '.');
    if value is not null then
      filled := replace(filled, '{' || name || '}', left(value, 200));
    end if;
  end loop;
  return filled;
end
$$;
