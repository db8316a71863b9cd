-- Announces runs whose changes are committed, as triggers/announce_runs.sql does, 120 per notification, and notifies
-- Graphile of the jobs of the new ones. `p_news`: 1 for a new run, 2 if the status changed, 0 for any other change. A
-- transaction that only notifies does not wait for the disk.
create or replace function stepcast.announce(p_runs uuid[], p_revisions bigint[], p_news smallint[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  jobs constant bigint := (select count(*) from unnest(p_news) news where news = 1);
begin
  if not stepcast.may_announce() then
    return;
  end if;
  perform pg_notify('stepcast', '[' || string_agg(format(case news when 0 then '["%s",%s]' else '["%s",%s,%s]' end, run, revision, news), ',') || ']')
  from unnest(p_runs, p_revisions, p_news) with ordinality changed (run, revision, news, place)
  group by (place - 1) / 120;
  if jobs > 0 then
    perform stepcast.announce_jobs(jobs);
  end if;
end
$$;
