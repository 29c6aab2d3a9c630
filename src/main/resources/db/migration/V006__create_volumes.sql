-- Volumes of teams. A row is written after its folder is on disk, and taken away after the folder is gone.

create table volumes (
  -- Name of its folder in the kernel part's store.
  id varchar(64) primary key,
  -- The machine that has its files.
  node varchar(64) not null,
  team_id bigint not null references teams (id),
  name varchar(255) not null,
  -- The name until removal, then absent: a name belongs to one volume of a team.
  live_name varchar(255),
  creator varchar(64) not null,
  driver varchar(32) not null,
  -- JSON objects.
  options varchar(10000) not null,
  labels varchar(250000) not null,
  is_anonymous boolean not null,
  created_at timestamp(6) with time zone not null,
  constraint volumes_name unique (team_id, live_name)
);
