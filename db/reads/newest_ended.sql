-- The time from which a tenant's runs that ended in a window number no more than `p_most`, not counting further runs
-- that ended at that same moment; `p_since` if the window has no more than that.
create or replace function stepcast.newest_ended(
  p_tenant text,
  p_workflows text[],
  p_since timestamptz,
  p_until timestamptz,
  p_most integer
)
returns timestamptz
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (
      select newest.completed_at
      from unnest(p_workflows) one
      cross join lateral (
        select r.completed_at
        from stepcast.runs r
        where r.tenant = p_tenant
          and r.workflow = one
          and r.completed_at >= p_since
          and r.completed_at < p_until
        order by r.completed_at desc
        limit p_most
      ) newest
      order by newest.completed_at desc
      offset p_most - 1
      limit 1
    ),
    p_since
  )
$$;
