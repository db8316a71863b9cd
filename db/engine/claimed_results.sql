-- The outputs of a run's completed steps, by name: of the first ones, which together take 64 KiB as they are stored, and
-- at most some MiB uncompressed. A claim that brought them all would fail from 256 MiB on; its worker reads the others
-- when a step needs them.
create or replace function stepcast.claimed_results(p_run uuid)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(step, output) filter (where size_so_far <= 65536), '{}')
  from (
    select step, output, sum(coalesce(pg_column_size(output), 0)) over (order by sequence) as size_so_far
    from stepcast.steps
    where run_id = p_run
      and parent_id is null
      and status = 'completed'
  ) completed
$$;
