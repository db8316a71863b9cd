-- Writes one table to a file, as a run that anyone can watch. Plain psql, nothing else:
--
--   psql "$DATABASE_URL" -v table=projects -v file=/tmp/projects.csv -f backup.sql
--
-- -v deadline='1 hour': how long nothing may be heard of it before it counts as dead. Longer than the table takes.
--
-- Without ON_ERROR_STOP psql would go on after an error, and complete what has failed.
\set ON_ERROR_STOP on
\set SHOW_CONTEXT never
\set QUIET on
-- The step functions answer with nothing; \echo still speaks.
\o /dev/null
\if :{?deadline}
\else
  \set deadline '5 minutes'
\endif

select stepcast.open_run(
  'backup_table',
  '[{"step": "export", "weight": 9}, "record"]',
  deadline => :'deadline',
  metadata => jsonb_build_object('table', :'table', 'file', :'file')
) as run \gset
\echo Run :run

select stepcast.begin_step(:'run', 'export');
select stepcast.report_step(:'run', 'export', 10, 'Writing ' || :'file');
-- Where a statement may fail, its reason goes into the run before psql ends, with exit code 3. psql sets ERROR after every
-- statement, but not when it cannot write the file: so it counts as failed until it has worked.
\set ON_ERROR_STOP off
\set ERROR true
\set LAST_ERROR_MESSAGE 'cannot write ' :file
copy (select * from :"table") to stdout (format csv, header) \g :file
\set rows :ROW_COUNT
\if :ERROR
  select stepcast.fail_step(:'run', 'export', :'LAST_ERROR_MESSAGE');
  \set ON_ERROR_STOP on
  do $$ begin raise 'the table was not exported'; end $$;
\endif
\set ON_ERROR_STOP on
select stepcast.complete_step(:'run', 'export', jsonb_build_object('rows', :'rows'::integer));

-- What a step does in the database commits together with its completion: both are there, or neither is.
select stepcast.begin_step(:'run', 'record');
begin;
set local client_min_messages = warning;
create table if not exists backups (run uuid primary key, name text, file text, rows integer, at timestamptz);
insert into backups values (:'run', :'table', :'file', :'rows', now());
select stepcast.complete_step(:'run', 'record');
commit;

select stepcast.finish_run(:'run');
\echo :rows rows of :table are in :file
