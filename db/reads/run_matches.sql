-- Whether a search finds a run: its id, its key or its workflow's name begins with the search term. client/rows.ts and
-- server/hub/filter.ts do the same.
create or replace function stepcast.run_matches(p_q text, p_id uuid, p_key text, p_workflow text)
returns boolean
language sql
immutable
as $$
  select starts_with(p_id::text, lower(p_q)) or starts_with(p_workflow, p_q) or coalesce(starts_with(p_key, p_q), false)
$$;
