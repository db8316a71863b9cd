-- Postgres computes generated columns anew at every update of a table that has row triggers before it: a tenth of what a report
-- costs. Durations change with a status alone, so the triggers that keep the times keep them too.
alter table stepcast.runs alter column duration drop expression;
alter table stepcast.steps alter column duration drop expression;
