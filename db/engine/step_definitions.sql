-- What a list of steps says of each step: plain names, or objects as in stepcast.workflows.steps.
create or replace function stepcast.step_definitions(p_steps jsonb)
returns table (
  "position" smallint,
  step text,
  display_name text,
  display_names jsonb,
  weight numeric,
  needs smallint[],
  skipped_with_needs boolean,
  timeout bigint,
  stuck_after bigint,
  attempts_allowed smallint,
  has_substeps boolean,
  substeps jsonb
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select
    d.position::smallint,
    d.definition ->> 'step',
    coalesce(nullif(d.definition ->> 'displayName', ''), stepcast.title(d.definition ->> 'step')),
    case when jsonb_typeof(d.definition -> 'displayNames') = 'object' then d.definition -> 'displayNames' end,
    coalesce((d.definition ->> 'weight')::numeric, 1),
    case when jsonb_typeof(d.definition -> 'needs') = 'array' then stepcast.positions_of(d.definition -> 'needs', p_steps) end,
    coalesce((d.definition ->> 'skippedWithNeeds')::boolean, false),
    (d.definition ->> 'timeout')::bigint,
    -- Ten minutes unless the step says otherwise, or says false.
    coalesce((nullif(d.definition -> 'stuckAfter', 'false') #>> '{}')::bigint, case when not d.definition ? 'stuckAfter' then 600000 end),
    coalesce((d.definition -> 'retry' ->> 'attempts')::smallint, 1),
    coalesce(jsonb_array_length(nullif(d.definition -> 'substeps', 'null')), 0) > 0,
    d.definition -> 'substeps'
  from (
    select
      case jsonb_typeof(element) when 'string' then jsonb_build_object('step', element) else element end as definition,
      position
    from jsonb_array_elements(p_steps) with ordinality list (element, position)
  ) d
$$;
