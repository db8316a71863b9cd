-- SC006 for a list of steps if, counting sub-steps, there are more than allowed, if one is more than ten levels below
-- the first, or if a display name is too long: every watcher receives them all, and whoever ends the run goes through
-- them all.
create or replace function stepcast.check_steps(p_steps jsonb, p_most integer)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  deepest constant integer := 10;
  level jsonb[] := array[p_steps];
  counted integer := 0;
  here integer;
begin
  for depth in 0 .. deepest + 1 loop
    perform stepcast.check_text(format('displayName of step %s', left(s ->> 'step', 200)), s ->> 'displayName')
    from unnest(level) list
    cross join jsonb_array_elements(list) s
    where jsonb_typeof(s) = 'object';
    select array_agg(s -> 'substeps') filter (where jsonb_typeof(s -> 'substeps') = 'array'), count(*)
    into level, here
    from unnest(level) list
    cross join jsonb_array_elements(list) s;
    exit when here = 0;
    counted := counted + here;
    if counted > p_most then
      perform stepcast.fail_with('SC006', format('a run must have at most %s steps with their sub-steps, not %s', p_most, counted),
        'Let a step stand for more of the work, and report its progress.');
    end if;
    if depth > deepest then
      perform stepcast.fail_with('SC006', format('a sub-step must stand at most %s levels deep', deepest), 'Give it to a step further up.');
    end if;
  end loop;
end
$$;
