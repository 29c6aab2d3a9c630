#!/usr/bin/env bash
# Pull and push against real registry servers of the distribution: a plain one that is also a mirror of Docker's, and one with TLS and accounts.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
settings=/etc/tallyman/$name.server.properties
# Not a loopback address, or certificates would not be asked for; it is on no wire.
own=10.249.249.1
plain=127.0.0.1:15500 safe=$own:15501
certificates=/etc/tallyman/certs.d/$safe
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  ip addr del "$own/32" dev lo 2>/dev/null
  rm -rf "$work" "$certificates"
  rmdir /etc/tallyman/certs.d 2>/dev/null
  rm -f "$settings"
}
trap cleanup EXIT

# registry ADDRESS FOLDER [MORE LINES]: a docker-registry with deletion
registry() {
  mkdir -p "$work/$2"
  printf 'version: 0.1\nlog: {level: warn}\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\nhttp: {addr: "%s"%s}\n%s\n' "$work/$2" "$1" "${3:-}" "${4:-}" >"$work/$2.yml"
  docker-registry serve "$work/$2.yml" >"$work/$2.log" 2>&1 &
  pids+=($!)
}
ip addr add "$own/32" dev lo
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$work/key" -out "$work/crt" -subj /CN=registry -addext "subjectAltName=IP:$own" 2>/dev/null
htpasswd -Bbn rita 'correct horse' >"$work/htpasswd" 2>/dev/null
registry "$plain" plain
registry "$safe" safe ", tls: {certificate: $work/crt, key: $work/key}" "auth: {htpasswd: {realm: safe, path: $work/htpasswd}}"
eventually 10 curl -s -o /dev/null "http://$plain/v2/"
eventually 10 curl -sk -o /dev/null "https://$safe/v2/"
printf 'tallyman.registry.mirrors=http://%s\ntallyman.registry.back-off=50ms\n' "$plain" >"$settings"
chmod 0644 "$settings"
tallyman down >/dev/null && tallyman up --detach >/dev/null
like "info names the mirror" "http://$plain/" "$(docker info 2>/dev/null)"

# Push and pull, plain.
docker tag busybox "$plain/team/box:1"
pushed=$(docker push "$plain/team/box:1" 2>&1)
like "push ends with the digest" '^1: digest: sha256:[0-9a-f]{64} size: [0-9]+$' "$(tail -n 1 <<<"$pushed")"
digest=$(grep -oE 'sha256:[0-9a-f]{64}' <<<"$pushed" | tail -n 1)
id=$(docker images -q --no-trunc "$plain/team/box:1")
like "a second push sends nothing" 'Layer already exists' "$(docker push "$plain/team/box:1" 2>&1)"
like "images --digests shows it" "$digest" "$(docker images --digests --format '{{.Repository}} {{.Digest}}')"
docker tag busybox "$plain/other/box:1"
like "another repository of the registry takes the layer by reference" 'Mounted from team/box' "$(docker push "$plain/other/box:1" 2>&1)"
docker rmi "$plain/team/box:1" "$plain/other/box:1" >/dev/null
docker save busybox -o "$work/bb.tar"
docker rmi busybox >/dev/null
pulled=$(docker pull "$plain/team/box:1" 2>&1)
like "pull says what came" "Status: Downloaded newer image for $plain/team/box:1" "$pulled"
like "and its digest" "Digest: $digest" "$pulled"
is "the same image" "$id" "$(docker images -q --no-trunc "$plain/team/box:1")"
is "it runs" pulled "$(docker run --rm "$plain/team/box:1" echo pulled)"
like "a second pull brings nothing" 'Image is up to date' "$(docker pull "$plain/team/box:1" 2>&1)"
succeeds "by digest" docker pull "$plain/team/box@$digest"
is "a container of name@digest" ok "$(docker run --rm "$plain/team/box@$digest" echo ok)"
fails "an absent tag" 'manifest for .*/team/box:nosuch not found: manifest unknown' docker pull "$plain/team/box:nosuch"
fails "an absent repository" 'not found|does not exist' docker pull "$plain/team/nosuch"
fails "another platform" 'does not match the specified platform|no matching manifest' docker pull --platform linux/s390x "$plain/team/box:1"
fails "an image that is not here" 'An image does not exist locally with the tag' docker push "$plain/team/never:1"
like "manifest inspect" 'application/vnd' "$(docker manifest inspect --insecure "$plain/team/box:1" 2>&1)"
like "the registry is asked for a name" "$digest" "$(curl -s --unix-socket "$RUN/docker.sock" "http://localhost/distribution/$plain/team/box:1/json")"

# All tags, an index of platforms, zstd.
docker tag "$plain/team/box:1" "$plain/team/box:2"
succeeds "push --all-tags" docker push -q -a "$plain/team/box"
docker rmi "$plain/team/box:1" "$plain/team/box:2" >/dev/null 2>&1
succeeds "pull --all-tags" docker pull -a "$plain/team/box"
is "brings both" "1 2" "$(docker images --format '{{.Tag}}' "$plain/team/box" | sort | paste -sd' ')"
config=$(curl -s "http://$plain/v2/team/box/manifests/1" -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' | tee "$work/manifest" | jq -r .config.digest)
size=$(stat -c %s "$work/manifest")
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"s390x"}},{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}]}' \
  "sha256:$(printf x | sha256sum | cut -d' ' -f1)" 100 "$digest" "$size" "$(dpkg --print-architecture)" >"$work/index"
sed -i "s/sha256:$(printf x | sha256sum | cut -d' ' -f1)\",\"size\":100/$digest\",\"size\":$size/" "$work/index"
curl -s -o /dev/null -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' --data-binary "@$work/index" "http://$plain/v2/team/box/manifests/multi"
succeeds "an index: this machine's platform is chosen" docker pull "$plain/team/box:multi"
is "with the same configuration" "$config" "$(docker images -q --no-trunc "$plain/team/box:multi")"
docker rmi "$plain/team/box:1" "$plain/team/box:2" "$plain/team/box:multi" >/dev/null 2>&1

# The mirror stands for Docker's own registry.
docker load -q -i "$work/bb.tar" >/dev/null
docker tag busybox "$plain/library/fromhub:latest" && docker push -q "$plain/library/fromhub:latest" >/dev/null
docker rmi "$plain/library/fromhub:latest" >/dev/null
is "run of an absent image pulls it" hub "$(docker run --rm fromhub echo hub 2>/dev/null)"
is "under its short name" fromhub:latest "$(docker images --format '{{.Repository}}:{{.Tag}}' fromhub)"
docker rmi fromhub >/dev/null

# TLS and accounts.
docker tag busybox "$safe/private/box:1"
fails "an unknown certificate is refused, with what helps" 'certs.d' docker push "$safe/private/box:1"
mkdir -p "$certificates" && cp "$work/crt" "$certificates/ca.crt"
tallyman down >/dev/null && tallyman up --detach >/dev/null
fails "without a log-in" 'no basic auth credentials|unauthorized|denied' docker push "$safe/private/box:1"
fails "a wrong password" 'unauthorized|incorrect|denied' docker login -u rita -p wrong "$safe"
like "log-in" 'Login Succeeded' "$(echo 'correct horse' | docker login -u rita --password-stdin "$safe" 2>&1)"
succeeds "push" docker push "$safe/private/box:1"
docker rmi "$safe/private/box:1" >/dev/null
succeeds "pull" docker pull "$safe/private/box:1"
docker logout "$safe" >/dev/null 2>&1
docker rmi "$safe/private/box:1" >/dev/null
fails "after the log-out" 'pull access denied|no basic auth' docker pull "$safe/private/box:1"

# An account's stored log-in stands for what a client does not bring: for that account at that registry.
logins=/api/v1/registry/logins/$safe
like "a wrong password is not stored" '401|403' "$(rest PUT "$logins" '{"user":"rita","password":"wrong"}' | tail -n 1)"
is "a right one is" 200 "$(rest PUT "$logins" '{"user":"rita","password":"correct horse"}' | tail -n 1)"
succeeds "pull without a log-in" docker pull "$safe/private/box:1"
docker rmi "$safe/private/box:1" >/dev/null
is "FROM, too" built "$(printf 'FROM %s/private/box:1\nRUN echo built >/told\n' "$safe" | docker build -q -t stored:1 - >/dev/null && docker run --rm stored:1 cat /told)"
docker tag busybox "$safe/private/box:2"
succeeds "push" docker push "$safe/private/box:2"
docker rmi stored:1 "$safe/private/box:1" "$safe/private/box:2" >/dev/null 2>&1
mate='{"name":"mate","password":"a good long password"}'
rest POST /api/v1/accounts "${mate%\}},\"role\":\"ADMINISTRATOR\"}" >/dev/null
curl -s -o /dev/null -c "$work/mate" -H 'Content-Type: application/json' -d "$mate" "http://127.0.0.1:$PORT/api/v1/session"
asks() { curl -s -b "$work/mate" -H 'Content-Type: application/json' -w '\n%{http_code}' "${@:2}" "http://127.0.0.1:$PORT/api/v1/registry/$1"; }
like "not for an administrator of the same team" 'pull access denied' "$(asks pull -d "{\"name\":\"$safe/private/box:1\"}")"
is "who does not see it either" '[] 200' "$(asks logins | paste -sd' ')"
rest DELETE /api/v1/accounts/mate >/dev/null
like "the trail says how they were pulled" 'with the stored log-in of rita' "$(rest GET '/api/v1/audit?action=image.*&limit=20')"
is "the key is beside the database, the server's alone" "600 tallyman" "$(stat -c '%a %U' "$STATE/server/logins.key")"
is "removed" 204 "$(rest DELETE "$logins" | tail -n 1)"
fails "and of no more use" 'pull access denied|no basic auth' docker pull "$safe/private/box:1"
unlike "no password is in the trail" 'correct horse' "$(rest GET '/api/v1/audit?limit=500')"
is "nor in the log, the database or beside it" "" "$(grep -rlaF 'correct horse' "$STATE/server" "$STATE/server.log")"

# Fifty at once are one download.
head -c 30000000 /dev/urandom >"$work/big" && tar -C "$work" -cf "$work/big.tar" big
docker import "$work/big.tar" "$plain/team/big:1" >/dev/null
docker push -q "$plain/team/big:1" >/dev/null && docker rmi "$plain/team/big:1" >/dev/null
before=$(awk '/lo:/{print $2}' /proc/net/dev)
jobs=()
for _ in $(seq 50); do docker pull -q "$plain/team/big:1" >/dev/null 2>&1 & jobs+=($!); done
failed=0
for job in "${jobs[@]}"; do wait "$job" || failed=$((failed + 1)); done
after=$(awk '/lo:/{print $2}' /proc/net/dev)
is "fifty pulls of one image all succeed" 0 $failed
is "and bring it fewer than three times" yes "$([ $((after - before)) -lt 90000000 ] && echo yes || echo "$((after - before)) bytes")"
docker rmi "$plain/team/big:1" >/dev/null

rows=$(rest GET '/api/v1/audit?action=image.*&limit=300' | head -n -1 | jq -r '.rows[] | .action + " " + .outcome' | sort -u | paste -sd,)
like "pulls are in the trail" 'image.pull done' "$rows"
like "pushes too" 'image.push done' "$rows"
like "and refusals" 'image.pull (failed|refused)' "$rows"
cleanup
trap - EXIT
tallyman down >/dev/null && tallyman up --detach >/dev/null
finish
