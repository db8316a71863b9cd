-- 'Importing “{path}”' with the input's path filled in: {a.b} reaches into objects, an unknown name stays as it is. The
-- values are plain text, never templates themselves, and are cut to `longest` characters each; null: not cut, for what
-- tells one from another.
create or replace function stepcast.fill_in(template text, input jsonb, longest integer default 200)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  placeholder constant text := '\{([^{}]+)\}';
  between text[];
  names text[];
  value text;
  filled text;
begin
  if template is null or strpos(template, '{') = 0 then
    return template;
  end if;
  between := regexp_split_to_array(template, placeholder);
  names := array(select found_name[1] from regexp_matches(template, placeholder, 'g') found_name);
  filled := between[1];
  for i in 1 .. cardinality(names) loop
    value := input #>> string_to_array(names[i], '.');
    filled := filled || coalesce(left(value, coalesce(longest, length(value))), '{' || names[i] || '}') || between[i + 1];
  end loop;
  return filled;
end
$$;
