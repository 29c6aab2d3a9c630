-- What builds did, the ended ones; a team's oldest go when there are too many.

create table builds (
  id varchar(64) primary key,
  team_id bigint not null references teams (id),
  account varchar(255) not null,
  way varchar(20) not null,
  -- Names that the image was to have, separated by blanks.
  names varchar(10000) not null,
  target varchar(500) not null,
  -- Digests; empty when the build failed before they were known.
  dockerfile varchar(71) not null,
  context varchar(71) not null,
  -- Ids of the images that stages began with, separated by blanks.
  bases varchar(10000) not null,
  outcome varchar(20) not null,
  error varchar(2000) not null,
  -- Its id; empty when none was made.
  image varchar(71) not null,
  started_at timestamp(6) with time zone not null,
  ended_at timestamp(6) with time zone not null,
  steps int not null,
  cached int not null,
  -- Stages and their steps, as JSON.
  stages varchar(1000000) not null
);

create index builds_of_team on builds (team_id, started_at);
