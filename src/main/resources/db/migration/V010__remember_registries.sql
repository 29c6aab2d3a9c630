-- What is known of images in registries. A fact here is only a hint for speed, or a name under which an image was once pulled or pushed.

create table repo_digests (
  image_id bigint not null references images (id),
  -- Normalised, e.g. docker.io/library/busybox.
  repository varchar(255) not null,
  -- Of the manifest or index that the registry answered with.
  digest varchar(71) not null,
  created_at timestamp(6) with time zone not null,
  primary key (image_id, repository, digest)
);
create index repo_digests_name on repo_digests (repository, digest);

create table layer_copies (
  layer_id bigint not null references layers (id),
  -- The compressed form that this repository has of the layer.
  repository varchar(255) not null,
  digest varchar(71) not null,
  size_bytes bigint not null,
  media_type varchar(100) not null,
  created_at timestamp(6) with time zone not null,
  primary key (layer_id, repository)
);
