-- From when on a tenant's runs that ended in a window are no more than `p_most` but for such as ended at the same
-- moment: `p_since` where they are not more at all.
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
