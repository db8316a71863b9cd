-- What seals the next page's place where that names a run that may not be seen: all servers of the database open what one has
-- sealed. Read by cursor_key alone.
create table stepcast.cursor_key (
  only_row boolean primary key default true check (only_row),
  key bytea not null
);
insert into stepcast.cursor_key (key)
values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
