-- Sends the announcements. Every change bumps a run, so a statement-level trigger on runs sees them all, and no writer
-- can forget. The exception is a batch of the engine's moves, which sets `stepcast.announces_later`: its worker
-- announces it after the commit. A commit that notifies holds a cluster-wide lock while it waits for the disk, and
-- queues for that lock. Nothing is announced while the queue is full (may_announce). The payload is ids and numbers
-- only, because LISTEN checks no permissions.
-- [[run, revision], …]; a third element is 1 for an inserted run, 2 if the status changed; a deleted run has a null
-- revision. An element takes at most 62 bytes, and a payload of 8,000 would abort the writer's transaction: so 120 per
-- notification.
create or replace function stepcast.announce_runs()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('stepcast.announces_later', true) = 'on' or not stepcast.may_announce() then
    return null;
  end if;
  perform pg_notify('stepcast', '[' || string_agg(announcement, ',') || ']')
  from (
    select
      case tg_op
        when 'INSERT' then format('["%s",%s,1]', id, revision)
        when 'UPDATE' then format(case when status_revision = revision then '["%s",%s,2]' else '["%s",%s]' end, id, revision)
        else format('["%s",null]', id)
      end as announcement,
      (row_number() over (order by id) - 1) / 120 as payload
    from changed
  ) announcements
  group by payload;
  return null;
end
$$;

create or replace trigger announce_inserted_runs
after insert on stepcast.runs
referencing new table as changed
for each statement execute function stepcast.announce_runs();

create or replace trigger announce_updated_runs
after update on stepcast.runs
referencing new table as changed
for each statement execute function stepcast.announce_runs();

create or replace trigger announce_deleted_runs
after delete on stepcast.runs
referencing old table as changed
for each statement execute function stepcast.announce_runs();
