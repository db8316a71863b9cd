-- The application's own tables. Safe to run again; the lock lets two processes begin at once.
select pg_advisory_xact_lock(hashtext('http-api schema'));

create table if not exists orders (
  id text primary key,
  customer text not null,
  cents integer not null check (cents > 0),
  currency text not null,
  -- Counts the customer's cards. Raised with a new one, and only after a refusal: it makes a new key, so a new charge.
  card integer not null default 1,
  status text not null default 'open' check (status in ('open', 'paid'))
);

create table if not exists charges (
  -- The id that the payments API gave.
  id text primary key,
  order_id text not null references orders (id),
  cents integer not null,
  run_id uuid not null,
  constraint order_is_charged_once unique (order_id)
);
