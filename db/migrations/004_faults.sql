-- A fault below the handlers that comes back each time must not run them for ever.
alter table stepcast.runs
  -- How often in a row it was given back for one without getting on.
  add column faults smallint not null default 0;
