-- One row per tenant and workflow, from all its finished runs. `success_rate` is completed / (completed + failed), from
-- 0 to 1: a cancelled run does not count for or against it. Durations are those of completed runs; `retries` counts the
-- attempts of their steps after the first.
create or replace view stepcast.workflow_stats with (security_invoker = true) as
select *
from stepcast.workflow_stats_since('-infinity');
