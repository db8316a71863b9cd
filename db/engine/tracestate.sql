-- What vendors add to a trace: printable ASCII of 512 characters at most. In SQL by `set local stepcast.tracestate`.
create or replace function stepcast.tracestate(p_given text)
returns text
language sql
immutable
as $$
  select case when p_given ~ '^[ -~]+$' and length(p_given) <= 512 then p_given end
$$;
