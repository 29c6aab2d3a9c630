-- How far the output of containers was forwarded. Portable: runs on H2 and PostgreSQL.

create table log_forwarding (
  container_id varchar(64) primary key references containers (id),
  -- The file, told by the time of its first record (nanoseconds since 1970): its name changes when files rotate.
  file_begun bigint not null,
  -- All before this byte has arrived.
  file_offset bigint not null
);
