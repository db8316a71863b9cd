-- Only runs that can have a deadline: a worker's has none until it begins, and very many may be waiting.
drop index stepcast.runs_with_a_deadline;
create index runs_with_a_deadline on stepcast.runs (id)
  where deadline_after is not null and (status = 'running' or (status = 'pending' and driver = 'outside'));
