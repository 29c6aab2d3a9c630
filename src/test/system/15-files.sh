#!/usr/bin/env bash
# Files into and out of containers with the docker client; hostile containers and archives, each with a benign control.
# shellcheck disable=SC2016 # scripts for the shell inside a container
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
canary=$(mktemp -d /var/lib/tallyman-canary.XXXXXX)
echo untouched >"$canary/file"
cd "$work" || exit 1

# --- both ways, in the three states
docker run -d --name box --tmpfs /mem busybox sh -c 'mkdir -p /d/e; echo hi >/d/f; chown 33:44 /d/f; chmod 4755 /d/f; ln -s f /d/l; ln -s /d /dl; ln /d/f /d/h; mkfifo /d/p; echo mine >/mem/m; touch /ready; sleep 1000' >/dev/null
eventually 5 docker exec box test -e /ready
docker create --name fresh busybox true >/dev/null
docker run --name ended busybox sh -c 'mkdir /d; echo hi >/d/f' >/dev/null
succeeds "cp of a directory out of a running container" docker cp box:/d out
is "owner, mode and hard links are kept in the archive" "-rwsr-xr-x 33/44 3" "$(docker cp box:/d - | tar tvf - --numeric-owner | awk '/^-/{print $1, $2, $3}')"
is "the second name is a hard link" "d/f d/h" "$(docker cp box:/d - | tar tvf - | sed -n 's/^h.* \(d\/[fh]\) link to \(d\/[fh]\)$/\1 \2/p' | tr ' ' '\n' | sort | xargs)"
is "a link comes as a link" f "$(readlink out/l)"
docker cp -L box:/d/l followed
is "and with -L as what it leads to" hi "$(cat followed)"
is "a fifo comes as a fifo" p "$(stat -c %F out/p | cut -c1 | tr f p)"
mkdir whole
succeeds "cp of all of a running container" docker cp box:/. whole
is "with its tmpfs, and the places of what the kernel makes up" "mine dev proc sys 0" "$(cat whole/mem/m) $(cd whole && echo dev proc sys) $(find whole/dev whole/proc whole/sys -mindepth 1 | wc -l)"
rm -rf whole
docker cp box:/dl/./ inside
is "a directory behind a link" "e f h l p" "$(find inside -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)"
is "a tmpfs of a running container is there" mine "$(docker cp box:/mem/m - | tar xOf -)"
echo new >n
for each in box fresh ended; do
  succeeds "cp into $each" docker cp n "$each:/n"
  is "and out of it again" new "$(docker cp "$each:/n" - | tar xOf -)"
done
is "a running container sees it" "new 0" "$(docker exec box sh -c 'cat /n; stat -c %u /n' | xargs)"
is "a container starts with what was copied into it" "A /n" "$(docker diff fresh)"
docker create --name placed --workdir /home/a/b -v placed:/home/a busybox cat m >/dev/null
succeeds "cp into the working folder of one that never ran" docker cp n placed:/home/a/b/m
is "where it begins, in a volume, too" new "$(docker start -a placed)"
docker cp n box:/mem/n
is "into a tmpfs" new "$(docker exec box cat /mem/n)"
echo '127.0.0.1 changed' >hosts
docker cp hosts box:/etc/hosts
is "/etc/hosts, which is a mount, can be written" '127.0.0.1 changed' "$(docker exec box cat /etc/hosts)"
tar c n | docker cp - box:/tmp
is "a tar on stdin" new "$(docker exec box cat /tmp/n)"
chown 1234:2345 n
docker cp n box:/owned
is "who owned it owns it, in the container's own ids" "1234 2345" "$(docker exec box stat -c '%u %g' /owned)"
docker run -d --name user -u www-data busybox sleep 1000 >/dev/null
docker cp -a n user:/tmp/owned
is "with -a it belongs to the container's user" 33 "$(docker exec user stat -c %u /tmp/owned)"
is "a setuid file of a container is no setuid file of the host's root" 1 "$(pid=$(docker inspect -f '{{.State.Pid}}' box); awk '$1==0 && $2>=100000 {print 1}' "/proc/$pid/uid_map")"
name=$(printf 'n%.0s' $(seq 200))
mkdir -p "$name/$name" && echo long >"$name/$name/$name"
succeeds "long names in" docker cp "$name" box:/tmp/
is "and out" long "$(docker cp "box:/tmp/$name" - | tar xOf - --wildcards "*/$name/$name")"
docker pause box >/dev/null
is "a paused container is read" hi "$(docker cp box:/d/f - | tar xOf -)"
docker unpause box >/dev/null

# --- what is refused, in Docker's words
fails "a file that is not there" 'Could not find the file /nope in container box' docker cp box:/nope .
fails "a container that is not there" 'No such container: nobody' docker cp nobody:/ .
fails "a directory that is not there" 'no such directory|Could not find the file' docker cp n box:/nope/
fails "a directory onto a file" 'cannot (copy|overwrite)' docker cp out box:/n
docker run -d --name readonly --read-only --tmpfs /mem busybox sleep 1000 >/dev/null
fails "a read-only root" 'container rootfs is marked read-only' docker cp n readonly:/tmp/n
succeeds "but its tmpfs can be written" docker cp n readonly:/mem/n
docker rm -f readonly >/dev/null
stat=$(curl -sI --unix-socket "$RUN/docker.sock" 'http://localhost/containers/box/archive?path=/dl' | tr -d '\r' | sed -n 's/^[Xx]-[Dd]ocker-[Cc]ontainer-[Pp]ath-[Ss]tat: //p' | base64 -d)
like "HEAD tells what a path is" '"name":"dl".*"mode":134218239.*"linkTarget":"/d"' "$stat"
like "events" 'archive-path.*extract-to-dir|extract-to-dir.*archive-path' "$(docker events --since 5m --until 0s --filter container=box --format '{{.Action}}' | sort -u | xargs)"

# --- hostile containers
docker exec box sh -c "ln -s $canary/file /abs; ln -s /proc/self/root$canary /magic; ln -s /proc/1/root /up; ln -s ../../../../../../../$canary /dots; mkdir -p /proc/self/cwd"
fails "an absolute link does not lead to the host" 'Could not find|no such' docker cp -L box:/abs stolen
fails "nor does one with many dots" 'Could not find|no such' docker cp box:/dots/file stolen
fails "nor /proc/self/root" 'Could not find|no such|symbolic links|not permitted|denied' docker cp "box:/proc/self/root$canary/file" stolen
fails "nor a link to it" 'Could not find|no such|symbolic links|not permitted|denied' docker cp box:/magic/file stolen
fails "writing through such a link" 'Could not find|no such|symbolic links|not permitted|denied' docker cp n box:/dots/
is "nothing was stolen" "" "$(find . -name 'stolen*')"
docker exec -d box sh -c "mkdir -p /race/real; echo inside >/race/real/file; cd /race; while true; do mv real hidden; ln -s $canary real; rm real; mv hidden real; done"
eventually 5 docker exec box test -e /race
leaks=0
for _ in $(seq 60); do
  docker cp box:/race/real/file - 2>/dev/null | tar xO 2>/dev/null | grep -q untouched && leaks=$((leaks + 1))
  docker cp n box:/race/real/file >/dev/null 2>&1
done
is "a directory that turns into a link and back leads nowhere outside" "0 untouched" "$leaks $(cat "$canary/file")"
docker exec box sh -c 'mkdir -p /still/real; echo inside >/still/real/file'
is "control: one that holds still" inside "$(docker cp box:/still/real/file - | tar xOf -)"
docker exec box sh -c 'i=0; mkdir /deep; cd /deep; while [ $i -lt 10000 ]; do mkdir d && cd d || break; i=$((i + 1)); done; mkdir -p /shallow/d/d/d'
DOCKER_SECONDS=60 fails "a tree of 10,000 levels is an error, not a crash" 'name too long|unexpected EOF|too long' sh -c 'docker cp box:/deep - | tar tf - >/dev/null'
is "control: a shallow one" 4 "$(docker cp box:/shallow - | tar tf - | wc -l)"
like "and it can be measured" 'box' "$(docker ps -s --filter name=box --format '{{.Names}} {{.Size}}')"
docker exec box mkfifo /fifo
is "a fifo is not opened" p "$(timeout 20 docker cp box:/fifo - | tar tvf - | cut -c1)"
is "devices are told, not read" c "$(timeout 20 docker cp box:/dev/zero - | tar tvf - | cut -c1)"

# --- hostile archives
python3 - <<'PY'
import io, tarfile
def make(name, *entries):
    with tarfile.open(name, "w") as tar:
        for path, kind, link, data in entries:
            item = tarfile.TarInfo(path)
            item.type, item.linkname, item.size, item.devmajor, item.devminor = kind, link, len(data), 1, 3
            tar.addfile(item, io.BytesIO(data))
F, L, H = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
make("dots.tar", ("../../x", F, "", b"x"))
make("link.tar", ("s", L, "../../../etc", b""), ("s/owned", F, "", b"x"))
make("hard.tar", ("h", H, "../etc/passwd", b""))
make("device.tar", ("null", tarfile.CHRTYPE, "", b""))
make("good.tar", ("a/b", F, "", b"good"), ("a/l", L, "b", b""), ("a/h", H, "a/b", b""))
make("hidden.tar", (".wh.f", F, "", b"plain name"))
PY
put() { rest_file "$1" "/containers/box/archive?path=/d"; }
rest_file() { curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -X PUT -T "$1" -w ' %{http_code}' "http://localhost$2"; }
like "a name with dots" 'is outside of ."/d.*400' "$(put dots.tar)"
like "a link out of the destination" 'invalid symlink.* 400' "$(put link.tar)"
like "a hard link out of it" 'invalid hardlink.* 400' "$(put hard.tar)"
like "a device" 'device nodes cannot be made.* 400' "$(put device.tar)"
head -c 3000 /dev/urandom >noise.tar
like "noise" ' 400$' "$(put noise.tar)"
is "control: an archive with links that stay" ' 200' "$(put good.tar)"
is "is there" "good b" "$(docker exec box sh -c 'cat /d/a/h; echo; readlink /d/a/l' | xargs)"
is "a name like a whiteout is a plain file" "plain name hi" "$(put hidden.tar >/dev/null; docker exec box sh -c 'cat /d/.wh.f; echo; cat /d/f' | xargs)"
is "nothing reached the container's own /etc" "" "$(docker exec box ls /etc/owned 2>/dev/null)"
is "nothing reached the host" "untouched" "$(cat "$canary/file")$(ls "$canary" | grep -v '^file$')"

# --- sizes
docker run --name writer busybox sh -c 'head -c 100000 /dev/zero >/a; ln /a /b; head -c 50 /dev/zero >/c' >/dev/null
is "inspect --size counts each file once" 100050 "$(docker inspect -s -f '{{.SizeRw}}' writer)"
like "ps -s" '^100kB \(virtual' "$(docker ps -as --filter name=writer --format '{{.Size}}')"
like "system df -v names it" 'writer' "$(docker system df -v)"
docker stop -t 0 box user >/dev/null
like "container prune says what it gave back" 'Total reclaimed space: [1-9]' "$(docker container prune -f)"
is "and nothing is left" "" "$(docker ps -aq)"
docker run --name twice busybox sh -c 'head -c 200000 /dev/zero >/big' >/dev/null
docker commit --change 'CMD ["true"]' --pause=true twice twice:one >/dev/null
is "a committed image has the change" '[true]' "$(docker image inspect -f '{{.Config.Cmd}}' twice:one)"
docker rm twice >/dev/null
docker tag twice:one twice:two && docker rmi twice:one twice:two >/dev/null
succeeds "system prune" docker system prune -f

cd /
rm -rf "$work" "$canary"
no_containers
finish
