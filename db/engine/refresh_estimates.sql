-- Learns what the steps of a workflow usually take: see learn_estimates. At most once a minute once there are 20 runs,
-- so that a busy workflow rarely pays for it. If another transaction is already doing it, this one leaves it to that
-- one.
create or replace function stepcast.refresh_estimates(p_tenant text, p_workflow text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from stepcast.estimates e
    where e.tenant = p_tenant
      and e.workflow = p_workflow
      and e.samples >= 20
      and e.refreshed_at between clock_timestamp() - interval '1 minute' and clock_timestamp()
  ) or not pg_try_advisory_xact_lock(hashtextextended(format('stepcast.estimates:%s', jsonb_build_array(p_tenant, p_workflow)), 0)) then
    return;
  end if;
  if current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
    perform stepcast.learn_estimates(p_tenant, p_workflow);
    return;
  end if;
  -- At a higher isolation level, what another transaction has learnt since this one began is a conflict, which must not
  -- undo the end of a run. Caught only here, because that takes a subtransaction.
  begin
    perform stepcast.learn_estimates(p_tenant, p_workflow);
  exception
    when serialization_failure then null;
  end;
end
$$;
