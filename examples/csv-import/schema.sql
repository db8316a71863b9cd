-- The application's own table. Safe to run again; the lock lets two processes begin at once.
select pg_advisory_xact_lock(hashtext('csv-import schema'));

create table if not exists readings (
  -- Not in the file: the transaction that copies the rows says which run loads them.
  run_id uuid not null default current_setting('csv_import.run')::uuid,
  sensor text not null,
  at timestamptz not null,
  celsius numeric(5, 2) not null,
  primary key (run_id, sensor, at),
  constraint celsius_is_on_earth check (celsius between -90 and 60)
);
