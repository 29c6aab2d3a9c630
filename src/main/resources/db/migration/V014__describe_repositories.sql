-- A line for people and for searches. Empty = none.
alter table index_repositories add column description varchar(500) default '' not null;
