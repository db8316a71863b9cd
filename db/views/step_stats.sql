-- One row per tenant, workflow and step (a sub-step has a parent), from all finished runs that reached it.
-- `success_rate` is completed / (completed + failed), from 0 to 1; durations are those of its completing attempts;
-- `retries` counts the attempts after the first.
create or replace view stepcast.step_stats with (security_invoker = true) as
select *
from stepcast.step_stats_since('-infinity');
