-- One row a tenant and workflow, from all its finished runs. `success_rate` is completed / (completed + failed), from 0
-- to 1: a cancelled run says nothing of it. Durations are those of completed runs; `retries` are the attempts of their
-- steps after the first.
create or replace view stepcast.workflow_stats with (security_invoker = true) as
select *
from stepcast.workflow_stats_since('-infinity');
