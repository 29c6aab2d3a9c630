-- What happened, what health checks said, and which commands were run in containers. Portable: runs on H2 and PostgreSQL.

create table events (
  -- Given by the server, ascending in the order of publication.
  id bigint primary key,
  -- Nanoseconds since 1970: clients compare them, and a timestamp has microseconds.
  happened_nanos bigint not null,
  type varchar(32) not null,
  action varchar(4000) not null,
  object_id varchar(1000) not null,
  team_id bigint not null,
  -- Name, image, labels …; JSON.
  attributes varchar(1000000) not null
);
create index events_happened on events (happened_nanos);

create table container_health (
  container_id varchar(64) primary key references containers (id),
  status varchar(16) not null,
  failing_streak integer not null,
  -- The last checks; JSON.
  checks varchar(200000) not null
);

create table execs (
  id varchar(64) primary key,
  container_id varchar(64) not null references containers (id),
  -- What was asked for; JSON.
  request varchar(1000000) not null,
  phase varchar(16) not null,
  pid bigint not null,
  exit_code integer,
  changed_at timestamp(6) with time zone not null
);
create index execs_container on execs (container_id);
