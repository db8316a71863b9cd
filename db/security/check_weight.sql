-- SC006 for a large write to a step of a run whose steps already hold 16 MiB: a snapshot carries all of it. `p_bytes`
-- is what the step will hold of that. A small write is not weighed, so that a report does not read all steps.
create or replace function stepcast.check_weight(p_run uuid, p_bytes integer)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  small constant integer := 8192;
  most constant integer := 16 * 1048576;
begin
  if coalesce(p_bytes, 0) <= small then
    return;
  end if;
  if (
    select sum(
      octet_length(s.metadata::text)
      + coalesce(octet_length(s.messages::text), 0)
      + coalesce(octet_length(s.message), 0)
      + coalesce(octet_length(s.error), 0)
      + coalesce(octet_length(s.error_stack), 0)
    )
    from stepcast.steps s
    where s.run_id = p_run
  ) > most then
    perform stepcast.fail_with('SC006', format('the steps of run %s hold more than %s bytes of messages, errors and metadata', p_run, most),
      'Keep what is large elsewhere, and write where it is.');
  end if;
end
$$;
