-- The Graphile task of one version of a workflow: a worker is only given runs whose version it has.
create or replace function stepcast.task_name(workflow text, version text)
returns text
language sql
immutable
as $$
  select 'stepcast:' || workflow || ':' || version
$$;
