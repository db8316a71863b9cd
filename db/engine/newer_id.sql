-- The id of a run that is to be the newest under its locked key, which is the run with the highest id. It keeps its own
-- id, unless the clock was set back since another run was started, or both are of the same millisecond.
create or replace function stepcast.newer_id(p_new stepcast.runs)
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  newest uuid;
  milliseconds bigint;
begin
  select r.id into newest
  from stepcast.runs r
  where r.tenant = p_new.tenant
    and r.workflow = p_new.workflow
    and r.key = p_new.key
    and r.id >= p_new.id
  order by r.id desc
  limit 1;
  if not found then
    return p_new.id;
  end if;
  milliseconds := ('x' || left(replace(newest::text, '-', ''), 12))::bit(48)::bigint;
  return stepcast.uuid_v7(to_timestamp((milliseconds + 1) / 1000.0));
end
$$;
