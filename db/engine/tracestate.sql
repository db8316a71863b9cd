-- What vendors add to a trace: printable ASCII of at most 512 characters. In SQL, set with `set local
-- stepcast.tracestate`.
create or replace function stepcast.tracestate(p_given text)
returns text
language sql
immutable
as $$
  select case when p_given ~ '^[ -~]+$' and length(p_given) <= 512 then p_given end
$$;
