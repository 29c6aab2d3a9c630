-- Own networks of teams, and several networks of one container. Portable: runs on H2 and PostgreSQL.

-- What is known of a network beside its columns: labels, options, range; JSON. Absent for the three that always exist.
alter table networks add column traits varchar(1000000);

-- All places of a container on networks, JSON. Absent for those of earlier versions, whose one place is in network_id and address.
alter table containers add column memberships varchar(1000000);
