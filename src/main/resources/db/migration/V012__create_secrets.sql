-- Secrets of teams. The values are sealed (AES-256-GCM) with a key that is a file beside the database; containers name them by id in their records.

create table secrets (
  id varchar(32) primary key,
  team_id bigint not null references teams (id),
  name varchar(64) not null,
  -- 1, and one more with every new value.
  version int not null,
  -- Length of the value.
  value_bytes int not null,
  -- JSON object.
  labels varchar(20000) not null,
  creator varchar(64) not null,
  created_at timestamp(6) with time zone not null,
  updated_at timestamp(6) with time zone not null,
  -- Base64 of nonce, cipher text and tag; of up to 500 KiB and 28 bytes.
  sealed varchar(700000) not null,
  constraint secrets_name unique (team_id, name)
);
