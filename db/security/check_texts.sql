-- SC006 for a string given in several languages, if it is not an object of strings or is larger than metadata may be;
-- null means none. `p_what` names it and what it belongs to.
create or replace function stepcast.check_texts(p_what text, p_texts jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  hint constant text := 'Write a text by language, such as {"en": "Copying", "zh-CN": "正在复制"}, or null.';
  wrong text;
begin
  if jsonb_typeof(p_texts) <> 'object' then
    perform stepcast.fail_with('SC006', format('%s must be a JSON object, not %s', p_what, jsonb_typeof(p_texts)), hint);
  end if;
  select format('%s must be strings, not %s for %s', p_what, jsonb_typeof(value), left(language, 200)) into wrong
  from jsonb_each(p_texts) texts (language, value)
  where jsonb_typeof(value) <> 'string'
  limit 1;
  if wrong is not null then
    perform stepcast.fail_with('SC006', wrong, hint);
  end if;
  perform stepcast.check_json(p_what, p_texts, 262144);
end
$$;
