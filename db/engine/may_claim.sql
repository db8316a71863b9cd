-- Whether a worker may claim a run: nobody has it; it needs no place in a slot or has one; and, if it is a suspect, the
-- worker drives no other suspect, so that the next crash tells them apart. Only a claim on its own can know that last
-- point, because the claims of a batch do not see each other.
create or replace function stepcast.may_claim(p_run stepcast.runs, p_worker integer, p_alone boolean)
returns boolean
language sql
stable
as $$
  select p_run.worker is null
    and p_run.status in ('pending', 'running')
    and coalesce(p_run.admission, 'admitted') = 'admitted'
    and (
      not stepcast.is_suspect(p_run)
      or p_alone and not exists (select from stepcast.runs other where other.worker = p_worker and stepcast.is_suspect(other))
    )
$$;
