-- SC006 for a string that is too long to be shown to everyone who watches: every snapshot carries it.
create or replace function stepcast.check_text(p_what text, p_text text, p_most integer default 20000)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if length(p_text) > p_most then
    perform stepcast.fail_with('SC006', format('%s must have at most %s characters, not %s', p_what, p_most, length(p_text)),
      'Keep the long text elsewhere, and write where it is.');
  end if;
end
$$;
