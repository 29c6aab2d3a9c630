-- What its team laid down for a repository, a JSON document of the server's own. Empty = nothing.
alter table index_repositories add column rules varchar(20000) default '' not null;
