-- Log-ins to registries elsewhere that accounts keep here, each for its account alone. The password is sealed for account, registry and user together, with a key beside the database.
create table registry_logins (
  account_id bigint not null references accounts (id) on delete cascade,
  -- As names of images begin: docker.io, or host[:port] in lower case.
  registry varchar(255) not null,
  user_name varchar(255) not null,
  sealed varchar(30000) not null,
  stored_at timestamp(6) with time zone not null,
  primary key (account_id, registry)
);
