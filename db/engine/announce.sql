-- Announces runs whose changes are committed, as triggers/announce_runs.sql does: 120 to a notification; and tells Graphile of
-- the jobs of those that are new. A transaction that only notifies does not wait for the disk.
create or replace function stepcast.announce(p_runs uuid[], p_revisions bigint[], p_new boolean[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  jobs constant bigint := (select count(*) from unnest(p_new) is_new where is_new);
begin
  perform pg_notify('stepcast', '[' || string_agg(format(case when is_new then '["%s",%s,1]' else '["%s",%s]' end, run, revision), ',') || ']')
  from unnest(p_runs, p_revisions, p_new) with ordinality changed (run, revision, is_new, place)
  group by (place - 1) / 120;
  if jobs > 0 then
    perform stepcast.announce_jobs(jobs);
  end if;
end
$$;
