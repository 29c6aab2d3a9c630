-- When somebody last pushed, mounted or, being allowed to push, asked for it: the collection of garbage spares what a push under way counts on.
alter table index_blobs add column touched_at timestamp(6) with time zone default current_timestamp not null;
alter table index_manifests add column touched_at timestamp(6) with time zone default current_timestamp not null;
