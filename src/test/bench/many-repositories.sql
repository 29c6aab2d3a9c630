-- Makes 10,000 repositories with 100 tags each of the one that was pushed, default/app:1, for measuring lists and searches. For a server that is down:
--   setpriv --reuid tallyman --regid tallyman --clear-groups java -cp h2-*.jar org.h2.tools.RunScript -user tallyman -password tallyman \
--     -url jdbc:h2:STATE/server/database/tallyman -script src/test/bench/many-repositories.sql
insert into index_repositories (team_id, name, is_public, creator, created_at, description)
  select r.team_id, 'default/service-' || x, mod(x, 2) = 0, 'admin', current_timestamp, 'Description of service ' || x
  from index_repositories r, system_range(1, 9999) where r.name = 'default/app';
insert into index_blobs (repository_id, digest, stored, bytes)
  select r.id, b.digest, b.stored, b.bytes from index_repositories r, index_blobs b
  where r.name <> 'default/app' and b.repository_id = (select id from index_repositories where name = 'default/app');
insert into index_manifests (repository_id, digest, stored, bytes, media_type, creator, created_at, is_taken_apart)
  select r.id, m.digest, m.stored, m.bytes, m.media_type, m.creator, m.created_at, m.is_taken_apart from index_repositories r, index_manifests m
  where r.name <> 'default/app' and m.repository_id = (select id from index_repositories where name = 'default/app');
insert into index_manifest_parts (manifest_id, digest, is_manifest)
  select m.id, p.digest, p.is_manifest from index_manifests m, index_manifest_parts p
  where p.manifest_id = (select min(id) from index_manifests) and m.id > p.manifest_id;
insert into index_tags (repository_id, name, manifest_id, creator, updated_at)
  select m.repository_id, 'v1.' || x, m.id, 'admin', current_timestamp from index_manifests m, system_range(1, 100) where m.id > (select min(id) from index_manifests);
