#!/usr/bin/env bash
# Volumes and mounts with the docker client: data that outlives its container, sharing, content of images, subpaths, directories of the host.
. "$HERE/lib.sh"
no_containers
docker volume prune -af >/dev/null
policy=/etc/tallyman/$(printf '%s' "$STATE" | sha256sum | cut -c1-8).policy.conf

# A database in small: a log that every write goes to, flushed; a reader counts what is whole.
docker volume create --label tier=db records >/dev/null
docker run -d --name writer -v records:/db busybox sh -c 'i=0; while :; do i=$((i+1)); echo "row $i end" >>/db/log; sync; done' >/dev/null
eventually 10 docker exec writer sh -c 'test "$(wc -l </db/log)" -gt 20'
docker kill writer >/dev/null && docker rm writer >/dev/null
before=$(docker run --rm -v records:/db:ro busybox sh -c 'wc -l </db/log')
is "what was written is whole after a kill and a removal" "$before" "$(docker run --rm -v records:/db busybox sh -c 'grep -cE "^row [0-9]+ end$" /db/log')"
tallyman down >/dev/null 2>&1
tallyman up --detach >/dev/null
is "and after a restart of the server" "$before" "$(docker run --rm -v records:/db busybox sh -c 'wc -l </db/log')"
like "a label is kept" 'map\[tier:db\]' "$(docker volume inspect -f '{{.Labels}}' records)"

docker run -d --name one -v shared:/a busybox sleep 1000 >/dev/null
docker run -d --name two -v shared:/b:ro busybox sleep 1000 >/dev/null
docker exec one sh -c 'echo hello >/a/f; chown 1000:1000 /a/f'
is "two containers share a volume" hello "$(docker exec two cat /b/f)"
is "and see the same owner" 1000:1000 "$(docker exec two stat -c %u:%g /b/f)"
fails "read-only is so" 'Read-only file system' docker exec two touch /b/x
like "inspect shows the mount" '"Name":"shared".*"Destination":"/b","Driver":"local","Mode":"ro","RW":false' "$(docker inspect -f '{{json .Mounts}}' two)"
one=$(docker inspect -f '{{.Id}}' one) two=$(docker inspect -f '{{.Id}}' two)
fails "a volume in use is not removed, and its holders are named" "remove shared: volume is in use - \[.*($one|$two).*\]" docker volume rm shared
is "ps finds who has a volume" "$(printf 'one\ntwo')" "$(docker ps --filter volume=shared --format '{{.Names}}' | sort)"
docker run --rm --volumes-from two:ro busybox cat /b/f >/dev/null && report ok "volumes-from gives the volumes of another" || report "not ok" "volumes-from"
docker cp one:/a/f - | tar tf - >/dev/null && report ok "docker cp reads a volume of a running container" || report "not ok" "cp from a volume"

id=$(docker run -d busybox sh -c 'mkdir -p /data/d; echo from image >/data/f; chown 70:71 /data/f /data; chmod 1750 /data; sleep 1000')
eventually 5 docker exec "$id" test -e /data/f
docker commit -c 'VOLUME /data' "$id" with-data >/dev/null
docker rm -f "$id" >/dev/null
is "an empty volume gets what the image has" "from image 70:71" "$(docker run --rm -v content:/data with-data sh -c 'cat /data/f; stat -c %u:%g /data/f' | tr '\n' ' ' | sed 's/ $//')"
is "with owner and mode of its folder" "70:71 1750" "$(docker run --rm -v content:/data with-data stat -c '%u:%g %a' /data)"
docker run --rm -v content:/data with-data sh -c 'rm /data/f; echo mine >/data/mine'
is "one that is not empty keeps what it has" mine "$(docker run --rm -v content:/data with-data ls /data | grep -v '^d$')"
is "nocopy leaves it empty" "" "$(docker run --rm -v bare:/data:nocopy with-data ls /data)"
is "so does volume-nocopy" "" "$(docker run --rm --mount type=volume,source=bare2,target=/data,volume-nocopy=true with-data ls /data)"
id=$(docker create with-data true)
anonymous=$(docker inspect -f '{{(index .Mounts 0).Name}}' "$id")
like "an image's VOLUME is an anonymous volume" '^[0-9a-f]{64}$' "$anonymous"
docker cp "$id:/data/f" - | tar xOf - | grep -q 'from image' && report ok "whose content is there before the first start" || report "not ok" "content before the first start"
printf put >"$STATE-put" && docker cp "$STATE-put" "$id:/data/put" >/dev/null && rm "$STATE-put"
is "docker cp reaches the volume of a container that does not run" put "$(docker run --rm --volumes-from "$id" busybox cat /data/put)"
docker rm "$id" >/dev/null
succeeds "it stays without -v" docker volume inspect "$anonymous"
id=$(docker create with-data true)
second=$(docker inspect -f '{{(index .Mounts 0).Name}}' "$id")
docker rm -v "$id" >/dev/null
fails "and goes with it" 'no such volume' docker volume inspect "$second"
docker run --rm with-data true
is "and with --rm" "$anonymous" "$(docker volume ls -q --filter label=com.docker.volume.anonymous)"

docker run --rm -v tree:/t busybox sh -c 'mkdir -p /t/a/b; echo deep >/t/a/b/f; ln -s /etc /t/out; ln -s a/b /t/in'
is "a part of a volume" deep "$(docker run --rm --mount type=volume,source=tree,target=/m,volume-subpath=a/b busybox cat /m/f)"
is "by a link that stays inside" deep "$(docker run --rm --mount type=volume,source=tree,target=/m,volume-subpath=in busybox cat /m/f)"
fails "not by one that leads out" 'path concatenation escapes the base directory' docker run --rm --mount type=volume,source=tree,target=/m,volume-subpath=out busybox ls /m
fails "nor up" 'subpath must be a relative path' docker run --rm --mount type=volume,source=tree,target=/m,volume-subpath=../x busybox ls /m
is "a tmpfs has its size and mode" "64.0K 700" "$(docker run --rm --mount type=tmpfs,destination=/m,tmpfs-size=65536,tmpfs-mode=0700 busybox sh -c 'df -h /m | awk "END{print \$2}"; stat -c %a /m' | tr '\n' ' ' | sed 's/ $//')"
docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1m memory >/dev/null
like "a volume in memory" '^tmpfs .* tmpfs rw' "$(docker run --rm -v memory:/m busybox grep ' /m ' /proc/mounts)"
fails "nfs is refused with what helps" 'type=nfs is not supported' docker volume create -o type=nfs -o device=:/x -o o=addr=1.2.3.4 remote
fails "so is a size beside a type" 'no quota support: a volume with a type' docker volume create -o type=tmpfs -o device=tmpfs -o size=1g sized
fails "a size that is none is refused" "invalid size: 'much'" docker volume create -o size=much sized
fails "a place in /proc is refused" 'cannot be mounted because it is inside' docker run --rm -v tree:/proc/sys busybox true

# Directories of the host.
top=$STATE-binds
mkdir -p "$top/shared/sub" "$top/sharedtwin"
chmod 755 "$top" "$top"/*
echo root >"$top/shared/root" && chmod 600 "$top/shared/root"
ln -s / "$top/shared/out"
fails "nothing of the host is shown at first; the key is named" 'bind_roots does not allow' docker run --rm -v "$top/shared:/b" busybox ls /b
cp "$policy" "$top/policy"
echo "bind_roots = $top/shared" >>"$policy"
chown 65534:65534 "$top/shared"
is "below bind_roots it is" "made" "$(docker run --rm -v "$top/shared:/b" busybox sh -c 'echo made >/b/made; cat /b/made')"
is "the container's root is nobody on the host" "65534:65534" "$(stat -c %u:%g "$top/shared/made")"
fails "root's own files are not its" 'Permission denied' docker run --rm -v "$top/shared:/b" busybox cat /b/root
like "inspect shows a bind" '"Type":"bind","Source":"'"$top"'/shared","Destination":"/b","Mode":"","RW":true,"Propagation":"rprivate"' "$(docker inspect -f '{{json .Mounts}}' "$(docker create -v "$top/shared:/b" busybox true)")"
is "-v makes a missing directory" "yes" "$(docker run --rm -v "$top/shared/new/deep:/b" busybox true; [ -d "$top/shared/new/deep" ] && echo yes)"
fails "--mount does not" 'bind source path does not exist' docker run --rm --mount "type=bind,source=$top/shared/none,target=/b" busybox true
fails "a twin of the name is refused" 'bind_roots does not allow' docker run --rm -v "$top/sharedtwin:/b" busybox true
fails "a way up is refused" 'leads up' docker run --rm -v "$top/shared/../sharedtwin:/b" busybox true
fails "a link out is refused" 'bind_roots does not allow' docker run --rm -v "$top/shared/out/etc:/b" busybox true
fails "so is the link itself" 'bind_roots does not allow' docker run --rm -v "$top/shared/out:/b" busybox true
fails "the server's own state is never shown" 'never shown|bind_roots does not allow' docker run --rm -v "$STATE/kernel:/b" busybox true
is "nor its socket: a container gets one of its own" other "$([ "$(docker run --rm -v "$RUN/docker.sock:/own" busybox stat -c %d:%i /own)" = "$(stat -c %d:%i "$RUN/docker.sock")" ] && echo the same || echo other)"
fails "nor all of the host" 'never shown to a container: /; name a folder' docker run --rm -v /:/host:ro busybox true
fails "nor /proc/self/root" 'never shown|bind_roots does not allow' docker run --rm -v /proc/self/root:/b busybox true

# Where root stays root.
mkdir -p "$top/own/data" && chmod 0700 "$top/own" "$top/own/data"
echo secret >"$top/own/data/root" && chmod 0600 "$top/own/data/root"
{ cat "$top/policy" && printf 'bind_roots = %s\nno_root_squash = %s\n' "$top" "$top/own/data,$top/shared"; } >"$policy"
is "below no_root_squash root reads what is root's" "secret 0:0" "$(docker run --rm -v "$top/own/data:/b" busybox sh -c 'cat /b/root; stat -c %u:%g /b/root' | paste -sd ' ')"
docker volume create -o type=none -o o=bind -o device="$top/own/data" owned >/dev/null
docker run --rm -v owned:/b busybox sh -c 'umask 077; mkdir /b/db; echo row >/b/db/f'
is "and what it writes by a volume is root's" "0:0 600" "$(stat -c '%u:%g %a' "$top/own/data/db/f")"
fails "not by the folder above" 'Permission denied' docker run --rm -v "$top/own:/b" busybox ls /b
fails "nor where others could execute what it makes; the key is named" "no_root_squash does not allow $top/shared: neither .* nosuid" docker run --rm -v "$top/shared:/b" busybox true
docker volume rm owned >/dev/null
{ cat "$top/policy" && printf 'bind_roots = %s\nno_root_squash = %s\n' "$top/own" "$top/shared"; } >"$policy"
fails "a policy that keeps root beside bind_roots is none" 'no_root_squash names .*, which does not lie below bind_roots' docker run --rm busybox true
cat "$top/policy" >"$policy"
rm -rf "$top"

# What docker lacks.
name=$(rest POST /api/v1/volumes/tree/clone '{"name":"twin"}' | tail -n 1)
is "clone" 201 "$name"
is "has the same files" deep "$(docker run --rm -v twin:/t busybox cat /t/a/b/f)"
is "rename" 200 "$(rest PATCH /api/v1/volumes/twin '{"name":"renamed"}' | tail -n 1)"
curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -o "$STATE-volume.tar" http://localhost/api/v1/volumes/renamed/export
is "export, then import" 201 "$(curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -H 'Content-Type: application/x-tar' --data-binary "@$STATE-volume.tar" -o /dev/null -w '%{http_code}' 'http://localhost/api/v1/volumes/import?name=again')"
is "has the same files again" "deep /etc" "$(docker run --rm -v again:/t busybox sh -c 'cat /t/a/b/f; readlink /t/out' | tr '\n' ' ' | sed 's/ $//')"
rm -f "$STATE-volume.tar"

# The files of an image in a container of another one.
printf 'mkdir -p /app/sub; echo theirs >/app/f; chown 7:8 /app/f; ln -s sub /app/in; ln -s ../../../etc /app/out; echo deep >/app/sub/g' | docker run -i --name maker busybox sh
docker commit maker theirs >/dev/null
docker rm maker >/dev/null
is "an image is mounted, with its owners" "theirs 7:8" "$(docker run --rm --mount type=image,source=theirs,target=/i busybox sh -c 'cat /i/app/f; stat -c %u:%g /i/app/f' | paste -sd ' ')"
fails "read-only" 'Read-only file system' docker run --rm --mount type=image,source=theirs,target=/i busybox touch /i/app/f
is "a part of it, by a link that stays inside" deep "$(docker run --rm --mount type=image,source=theirs,target=/i,image-subpath=app/in busybox cat /i/g)"
fails "not by one that leads out" 'escapes the base directory' docker run --rm --mount type=image,source=theirs,target=/i,image-subpath=app/out busybox ls /i
docker run -d --name reader --mount type=image,source=theirs,target=/i busybox sleep 1000 >/dev/null
fails "such an image is in use" "container $(docker inspect -f '{{slice .Id 0 12}}' reader) is using its referenced image" docker rmi theirs
docker rmi "$(docker image inspect -f "{{.Id}}" theirs)" >/dev/null
docker image prune -f >/dev/null
docker restart -t 0 reader >/dev/null
is "taken away by its id it stays for the container that has it" theirs "$(docker exec reader cat /i/app/f)"
docker stop -t 0 reader >/dev/null
is "docker cp reads it from one that does not run" theirs "$(docker cp reader:/i/app/f - | tar xOf -)"
like "inspect shows it" '"Type":"image","Name":"theirs","Source":"sha256:[0-9a-f]{64}","Destination":"/i","Mode":"","RW":false' "$(docker inspect -f '{{json .Mounts}}' reader)"
docker rm reader >/dev/null

docker rm -f one two >/dev/null
is "prune takes the anonymous ones" "$anonymous" "$(docker volume prune -f | grep -E '^[0-9a-f]{64}$')"
is "system df counts the others" "true" "$(docker system df -v --format '{{json .Volumes}}' | grep -q '"Name":"records"' && echo true)"
like "prune -a takes the rest that nobody has" 'records' "$(docker volume prune -af --filter label=tier=db)"
unlike "and only that" 'records' "$(docker volume ls -q)"
no_containers
docker volume prune -af >/dev/null
is "no folder is left" 0 "$(find "$STATE/kernel/volumes" -mindepth 1 -maxdepth 1 | wc -l)"
docker rmi with-data >/dev/null
finish
