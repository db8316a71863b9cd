-- Where a run belongs in a trace, as W3C Trace Context writes it; null for what has not that form: tracing keeps no run
-- from starting. In SQL a caller says it by `set local stepcast.traceparent = '00-…'` before it starts the run.
create or replace function stepcast.traceparent(p_given text)
returns text
language sql
immutable
as $$
  select substring(p_given from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$')
$$;
