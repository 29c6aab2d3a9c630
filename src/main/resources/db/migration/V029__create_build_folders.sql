-- Folders of the store that builds mount into their commands: caches, which stay, and copies of files, which go with their build.

create table build_folders (
  -- Name of the folder in the store of volumes.
  id varchar(64) primary key,
  team_id bigint not null references teams (id),
  -- The build whose files it has; a row with one that is there at a start was left by a server that died. Absent for a cache.
  build varchar(64),
  -- SHA-256 of what tells the caches of a team apart, hex; absent for the files of a build. Several have the same if they may not be used at once.
  cache varchar(64),
  description varchar(500) not null,
  uses int not null,
  created_at timestamp(6) with time zone not null,
  used_at timestamp(6) with time zone not null
);

create index build_folders_cache on build_folders (team_id, cache);
