-- fill_in for one string per language, without the languages in which nothing is left to be read; null stays null.
create or replace function stepcast.fill_in_all(templates jsonb, input jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(language, filled)
  from jsonb_each_text(templates) as t (language, template)
  cross join lateral stepcast.fill_in(template, input) filled
  where btrim(filled) <> ''
$$;
