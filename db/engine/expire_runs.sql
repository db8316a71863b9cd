-- Fails runs that are past their deadline: an outside-driven run that has not reported since, whose driver is gone; a
-- worker's run that took longer than its workflow allows. Returns their ids.
create or replace function stepcast.expire_runs()
returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1ms'
-- A reason with an interval in it reads the same whatever the role or the database prefers.
set intervalstyle = 'postgres'
as $$
declare
  expired uuid;
  held stepcast.runs;
  reason text;
begin
  for expired in
    select r.id
    from stepcast.runs r
    where r.deadline_after is not null
      and (r.status = 'running' or (r.status = 'pending' and r.driver = 'outside'))
      and r.deadline < clock_timestamp()
    order by r.id
    for no key update skip locked
  loop
    begin
      held := stepcast.hold_run(expired);
      reason := case held.driver
        when 'outside' then format('nothing was heard of it for %s', held.deadline_after)
        else format('the run took longer than %s', held.deadline_after)
      end;
      perform stepcast.fail_run(held, reason);
      return next expired;
    exception
      -- Somebody holds one of its steps: try next time. Waiting for each would keep all others waiting.
      when lock_not_available or deadlock_detected then null;
      -- Whatever is wrong with one run, the other runs of all tenants expire.
      when others then raise warning 'run % is past its deadline and cannot be failed: %', expired, sqlerrm;
    end;
  end loop;
end
$$;
