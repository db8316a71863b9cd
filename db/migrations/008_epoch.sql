-- The transaction that wrote the epoch's row as it stands: a dump has the data of unlogged tables too, and a row that it
-- brought was written by another. See reads/current_epoch.sql.
truncate stepcast.epoch;
alter table stepcast.epoch
  add column written_by xid;
