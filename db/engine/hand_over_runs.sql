-- Hands over all runs of a worker whose rows are free; returns how many these were. A crash is blamed on the suspect
-- among them, of which a worker drives one at a time (see may_claim). If there is none, all are blamed, and become
-- suspects at the second crash.
create or replace function stepcast.hand_over_runs(p_worker stepcast.workers, p_crashed boolean)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  taken bigint := 0;
  free stepcast.runs;
  suspected constant boolean := exists (select from stepcast.runs r where r.worker = p_worker.id and stepcast.is_suspect(r));
begin
  for free in
    select r.*
    from stepcast.runs r
    where r.worker = p_worker.id
    order by r.id
    for no key update skip locked
  loop
    begin
      perform stepcast.hand_over_run(free.id, p_worker, p_crashed, not suspected or stepcast.is_suspect(free));
      taken := taken + 1;
    exception
      -- Somebody holds one of its steps.
      when lock_not_available or deadlock_detected then null;
    end;
  end loop;
  return taken;
end
$$;
