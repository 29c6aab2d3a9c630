#!/usr/bin/env bash
# The archive of loaded classes: made by a training run, only root can change it, and the server does without it where it must.
. "$HERE/lib.sh"
LIB=/usr/lib/tallyman-$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
archive=$LIB/server/archive

since_start() { tail -c "+$((mark + 1))" "$STATE/server.log"; }
start_again() {
  tallyman down >/dev/null 2>&1
  mark=$(stat -c %s "$STATE/server.log")
  tallyman up --detach >/dev/null
}

export TALLYMAN_ARCHIVE=yes
start_again
is "the archive is root's, and readable" "root root 644" "$(stat -c '%U %G %a' "$archive")"
fails "the server's user cannot change it" 'Permission denied' setpriv --reuid=tallyman --regid=tallyman --clear-groups sh -c ": >>$archive"
is "the training leaves no folder" "" "$(ls -d /var/tmp/tallyman-training.*/state/server/database 2>/dev/null)"
like "the server is told to use it" "tallyman.archive=$archive " "$(tr '\0' ' ' <"/proc/$(server_pid)/cmdline")"
before=$(stat -c '%i %Y' "$archive")
start_again
unlike "and does" 'archive' "$(since_start)"
is "a second up does not make it again" "$before" "$(stat -c '%i %Y' "$archive")"

kept=$(mktemp)
cp -p "$archive" "$kept"
head -c 1M "$kept" | install -m 0644 /dev/stdin "$archive.new"
mv "$archive.new" "$archive" # not in its place: the running server has it mapped
start_again
is "a damaged archive: the server starts, and says it in one line" 1 "$(since_start | grep -c 'archive')"
like "which names the file" "archive of loaded classes $archive does not fit" "$(since_start)"
is "and serves" hello "$(docker run --rm busybox echo hello)"

# Its sizes are right, so the virtual machine trusts what it holds.
cp "$kept" "$archive.new"
dd if=/dev/zero of="$archive.new" bs=1M seek=$(($(stat -c %s "$kept") / 2097152)) count=1 conv=notrunc status=none
mv "$archive.new" "$archive"
tallyman down >/dev/null 2>&1
mark=$(stat -c %s "$STATE/server.log")
like "an archive with which the virtual machine ends: up says it" "ended with the archive of loaded classes $archive: starting without" "$(tallyman up --detach 2>&1)"
like "the virtual machine's report on that is in the server's folder" "^# A fatal error" "$(sed -n 2p "$STATE/server/hs_err.log")"
like "and so does the log" "archive.stamp is removed" "$(since_start)"
is "such an archive is gone" gone "$([ -e "$archive" ] || echo gone)"
is "no archive: the server starts, and says it in one line" 1 "$(since_start | grep -c 'started without an archive')"
like "which tells what helps" 'without an archive of loaded classes.*tallyman up makes one' "$(since_start)"
is "and serves" hello "$(docker run --rm busybox echo hello)"

cp -p "$kept" "$archive"
rm -f "$kept"
# One that names another folder ends the virtual machine once that folder is gone.
another=/usr/lib/tallyman-another/server
install -d "$another"
cp -p "$archive" "$LIB/server/archive.stamp" "$another"
echo "of another JDK" >"$LIB/server/archive.stamp"
like "another JDK or server: it is made again, not taken from another folder" 'start once for practice' "$(tallyman up --detach 2>&1)"
rm -r "${another%/*}"
start_again
unlike "and used" 'archive' "$(since_start)"
finish
