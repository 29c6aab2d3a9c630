-- Labels of the newest image that has some, name=value on a line each, for searches. Empty = none, or none was pushed since this column is there.
alter table index_repositories add column labels varchar(16384) default '' not null;

-- Manifests that were read since this column is there. Who read them is in the audit trail.
alter table index_repositories add column pulls bigint default 0 not null;
