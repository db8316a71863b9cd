-- Fails outside-driven runs that are past their deadline without a word: whoever drove them is gone. Returns their ids.
create or replace function stepcast.expire_runs()
returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  expired uuid;
  held stepcast.runs;
  step stepcast.steps;
  reason text;
begin
  for expired in
    select r.id
    from stepcast.runs r
    where r.driver = 'outside'
      and r.status in ('pending', 'running')
      and r.deadline < clock_timestamp()
    order by r.id
    for no key update skip locked
  loop
    held := stepcast.hold_run(expired);
    reason := format('nothing was heard of it for %s', held.deadline_after);
    for step in
      select *
      from stepcast.steps s
      where s.run_id = expired
        and s.parent_id is null
        and s.status = 'running'
      order by s.id
    loop
      held := stepcast.set_step(held, step, 'failed', null, reason);
    end loop;
    perform stepcast.save_run(stepcast.end_run(held, 'failed', null, reason));
    return next expired;
  end loop;
end
$$;
