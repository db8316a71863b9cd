-- What history needs beside the tables: to find what is finished by its end, and to say what a deleted run was.

-- For statistics since a time, and for retention, which goes through it from the oldest on. A tick changes neither
-- column, so it stays HOT.
create index runs_finished on stepcast.runs (completed_at, id) where completed_at is not null;

-- Finished runs of a workflow by their end, with all that statistics of runs count: they read nothing but this index.
create index runs_counted on stepcast.runs (tenant, workflow, completed_at desc) include (status, duration) where completed_at is not null;

-- The entry `delete` outlives its run: it alone still knows what that was.
alter table stepcast.journal
  add column workflow text,
  add column key text;

-- For retention of the entries that deleted runs left.
create index tombstones on stepcast.journal (at, run_id) where action = 'delete';
