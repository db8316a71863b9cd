-- The application's own tables. Safe to run again; the lock lets two processes begin at once.
select pg_advisory_xact_lock(hashtext('project-init schema'));

create table if not exists projects (
  id bigint generated always as identity primary key,
  name text not null,
  template text,
  description text,
  status text not null default 'pending',
  reason text,
  repository_url text,
  run_id uuid not null,
  created_at timestamptz not null default now(),
  constraint name_is_taken_once unique (name),
  constraint status_is_known check (status in ('pending', 'active', 'failed')),
  constraint reason_belongs_to_failure check ((reason is not null) = (status = 'failed')),
  constraint active_has_repository check (status <> 'active' or repository_url is not null)
);

create table if not exists environments (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects (id) on delete cascade,
  name text not null,
  replicas integer not null,
  created_at timestamptz not null default now(),
  constraint environment_is_there_once unique (project_id, name),
  constraint name_is_known check (name in ('dev', 'staging', 'production')),
  constraint replicas_are_positive check (replicas > 0)
);
