-- The version of a workflow that new runs get. SC001: there is no such workflow.
create or replace function stepcast.current_workflow(p_name text)
returns stepcast.workflows
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known stepcast.workflows;
begin
  select * into known
  from stepcast.workflows w
  where w.name = p_name
    and w.current;
  if not found then
    perform stepcast.fail_with('SC001', format('there is no workflow %s', coalesce(p_name, 'null')), format('Registered are: %s.',
      coalesce((select string_agg(w.name, ', ' order by w.name) from stepcast.workflows w where w.current), 'none; start a worker or run stepcast register')));
  end if;
  return known;
end
$$;
