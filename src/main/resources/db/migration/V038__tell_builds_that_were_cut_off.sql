-- A build has its row from its beginning. One that is RUNNING at a start was cut off by the death of its server, and something of it may be left.

alter table builds alter column ended_at drop not null;

-- By which its client knows it; empty: none.
alter table builds add column ref varchar(128) default '' not null;

create index builds_by_ref on builds (team_id, ref);

-- One may have its record already: the server that left it ended between the two.
insert into builds
  (id, team_id, account, way, names, target, dockerfile, context, bases, outcome, error, image, started_at, steps, cached, stages)
  select id, team_id, '', '', '', '', '', '', '', 'RUNNING', '', '', started_at, 0, 0, '[]' from builds_running
  where id not in (select id from builds);

drop table builds_running;

-- What commands of a build wrote, shortened, as JSON.
create table build_output (
  build_id varchar(64) primary key references builds (id) on delete cascade,
  output varchar(4000000) not null
);

-- A second key of a step that copies from an image or a stage: by which image that is, so that its files need not be read again.
alter table build_cache add column source_key varchar(64);

create index build_cache_sources on build_cache (team_id, source_key);
