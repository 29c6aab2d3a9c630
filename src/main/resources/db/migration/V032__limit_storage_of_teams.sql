-- How much a team may keep in the Index. A team without a row has no limit.
create table index_quotas (
  team_id bigint primary key references teams (id),
  max_bytes bigint not null
);
