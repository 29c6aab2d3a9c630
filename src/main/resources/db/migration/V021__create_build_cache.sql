-- Steps of builds that need not be made again: what a team asked for on top of which image, and the image that came of it. An image that is gone makes
-- its row worthless; the step is then made anew.

create table build_cache (
  id bigint generated always as identity primary key,
  team_id bigint not null references teams (id),
  -- SHA-256 over parent image, instruction, arguments and the content of the files used; hex.
  cache_key varchar(64) not null,
  image varchar(71) not null,
  description varchar(500) not null,
  -- Bytes of the files that the step added.
  bytes bigint not null,
  uses int not null,
  created_at timestamp(6) with time zone not null,
  used_at timestamp(6) with time zone not null,
  constraint build_cache_key unique (team_id, cache_key)
);

-- Builds that make containers; a row that is there at a start was left by a server that died.
create table builds_running (
  id varchar(64) primary key,
  team_id bigint not null references teams (id),
  started_at timestamp(6) with time zone not null
);
