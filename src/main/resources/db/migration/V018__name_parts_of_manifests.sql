-- What manifests name: a blob cannot be deleted while one does, and sizes are known without reading documents.

create table index_manifest_parts (
  manifest_id bigint not null references index_manifests (id) on delete cascade,
  digest varchar(135) not null,
  -- A child of an index; else a configuration or layer.
  is_manifest boolean not null,
  primary key (manifest_id, digest)
);
create index index_manifest_parts_digest on index_manifest_parts (digest);

-- False for manifests from before this table: their parts are read from the document when they are needed.
alter table index_manifests add column is_taken_apart boolean default false not null;
alter table index_manifests add column pulled_at timestamp(6) with time zone;
alter table index_tags add column pulled_at timestamp(6) with time zone;

-- A text for people, longer than the description. Empty = none.
alter table index_repositories add column readme varchar(65536) default '' not null;
