-- Refuses an attempt that import_run cannot accept.
create or replace function stepcast.check_imported_attempt(p_attempt jsonb, p_place text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform stepcast.check_import(p_attempt, p_place, '{status,worker,error,started_at,completed_at}');
  if coalesce(p_attempt ->> 'status', '') not in ('completed', 'failed', 'skipped', 'cancelled') then
    perform stepcast.fail_with('SC006', format('%s: status must be completed, failed, skipped or cancelled, not %s', p_place, coalesce(p_attempt ->> 'status', 'missing')),
      'Say how it ended.');
  end if;
  if p_attempt ->> 'started_at' is null or p_attempt ->> 'completed_at' is null then
    perform stepcast.fail_with('SC006', format('%s has no %s', p_place, case when p_attempt ->> 'started_at' is null then 'started_at' else 'completed_at' end),
      'Give both times; where only one is known, give it twice.');
  end if;
end
$$;
