-- Where a run belongs in a trace, in W3C Trace Context format; null for anything not in that format: tracing never
-- keeps a run from starting. In SQL, a caller sets it with `set local stepcast.traceparent = '00-…'` before it starts
-- the run.
create or replace function stepcast.traceparent(p_given text)
returns text
language sql
immutable
as $$
  select substring(p_given from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$')
$$;
