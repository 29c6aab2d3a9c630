#!/usr/bin/env bash
# The server is killed at each named point of a volume's life (VolumeCrashPoint), then started again: what was acknowledged is there, with its
# files; what was not is there whole or not at all; no folder is left without a volume.
. "$HERE/lib.sh"
no_containers
docker volume prune -af >/dev/null
is_dead() { ! kill -0 "$1" 2>/dev/null; }

docker run --rm -v kept:/k busybox sh -c 'echo kept >/k/f; sync'
# crash POINT SCRIPT
crash() {
  local point=$1 pid
  tallyman down >/dev/null 2>&1
  TALLYMAN_CRASH_AT=$point tallyman up --detach >/dev/null 2>&1
  pid=$(server_pid)
  DOCKER_SECONDS=20 bash -c "$2" >/dev/null 2>&1
  eventually 15 is_dead "$pid"
  is "$point: the server died there" 0 $?
  succeeds "$point: up again" tallyman up --detach
  is "$point: as many folders as volumes" "$(docker volume ls -q | wc -l)" "$(find "$STATE/kernel/volumes" -mindepth 1 -maxdepth 1 | wc -l)"
  is "$point: nothing is orphaned" '[]' "$(rest GET /api/v1/volumes/orphans | head -n 1)"
}
crash VOLUME_FOLDER_MADE 'docker volume create half'
is "a volume that was not acknowledged is not there" kept "$(docker volume ls -q)"
crash VOLUME_COMMITTED 'docker volume create whole'
succeeds "one whose row was written is" docker volume inspect whole
docker run --rm -v whole:/w busybox sh -c 'echo w >/w/f'
crash VOLUME_REMOVE_COMMITTED 'docker volume rm whole'
is "a removal that was begun is finished, files and all" kept "$(docker volume ls -q)"
docker volume create second >/dev/null
crash VOLUME_FOLDER_REMOVED 'docker volume rm second'
is "also when the folder alone was gone" kept "$(docker volume ls -q)"
is "the others have what they had" kept "$(docker run --rm -v kept:/k busybox cat /k/f)"
docker volume rm kept >/dev/null
finish
