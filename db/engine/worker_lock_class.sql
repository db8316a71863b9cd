-- First key of the advisory locks that live workers hold ('step' in ASCII); the second is the worker's id.
create or replace function stepcast.worker_lock_class()
returns integer
language sql
immutable
as $$
  select x'73746570'::integer
$$;
