-- fill_in for one string per language; null stays null.
create or replace function stepcast.fill_in_all(templates jsonb, input jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(language, stepcast.fill_in(template, input))
  from jsonb_each_text(templates) as t (language, template)
$$;
