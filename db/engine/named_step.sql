-- find_step for a name that somebody may have given; null: none was. SC003: no such step.
create or replace function stepcast.named_step(p_run uuid, p_step text)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  step constant bigint := case when p_step is not null then stepcast.find_step(p_run, p_step) end;
begin
  if p_step is not null and step is null then
    perform stepcast.fail_without_step(p_run, p_step);
  end if;
  return step;
end
$$;
