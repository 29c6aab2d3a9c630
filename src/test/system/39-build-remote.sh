#!/usr/bin/env bash
# Sources of builds that lie elsewhere: files by http, and repositories that git itself serves.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
settings=/etc/tallyman/$name.server.properties
port=15580 at=http://127.0.0.1:15580
server=
cleanup() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
  rm -rf "$work"
  rm -f "$settings"
}
trap cleanup EXIT
export DOCKER_BUILDKIT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# Files of www as they are, repositories of git by git's own server; /away leads to where nobody may be led.
mkdir "$work/www" "$work/git" "$work/c"
python3 - "$port" "$work" <<'PY' >"$work/log" 2>&1 &
import http.server, os, subprocess, sys
port, work = int(sys.argv[1]), sys.argv[2]
class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args):
        super().__init__(*args, directory=work + "/www")
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()
        elif ".git/" in path:
            self.git(path, query, b"")
        else:
            super().do_GET()
    def do_POST(self):
        self.git(self.path, "", self.rfile.read(int(self.headers["Content-Length"])))
    def git(self, path, query, body):
        env = dict(os.environ, GIT_PROJECT_ROOT=work + "/git", GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path, QUERY_STRING=query, REQUEST_METHOD=self.command,
                   CONTENT_TYPE=self.headers.get("Content-Type", ""), HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
                   GIT_PROTOCOL=self.headers.get("Git-Protocol", ""), CONTENT_LENGTH=str(len(body)))
        head, _, answer = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True).stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
PY
server=$!
echo hello >"$work/www/hello.txt"
touch -d 2015-10-21T07:28:00Z "$work/www/hello.txt"
sum=$(sha256sum "$work/www/hello.txt" | cut -c1-64)
eventually 10 curl -s -o /dev/null "$at/hello.txt"

# build NAME [OPTIONS]: with the Dockerfile from stdin
build() {
  local name=$1
  shift
  cat >"$work/c/Dockerfile"
  docker build -t "$name" "$@" "$work/c" 2>&1
}
: >"$work/log"
like "what is not public is not asked" 'tallyman.build.sources.allowed' "$(build remote:1 <<<"FROM busybox
ADD http://localhost:$port/hello.txt /")"
fails "nor when an archive is imported" 'tallyman.build.sources.allowed' docker import "$at/hello.tar"
is "really not" "" "$(cat "$work/log")"
printf 'tallyman.build.sources.allowed=127.0.0.1:%s\n' "$port" >"$settings"
chmod 0644 "$settings"
tallyman down >/dev/null && tallyman up --detach >/dev/null

file="FROM busybox
ADD --checksum=sha256:$sum $at/hello.txt /got/
ADD --chown=7:8 --chmod=0644 $at/hello.txt /mine"
like "a file is added" 'Successfully tagged remote:1' "$(build remote:1 <<<"$file")"
is "and sent once, although it is asked for each time" "1 1" "$(grep -ac 'GET /hello.txt.* 200 ' "$work/log") $(grep -ac 'GET /hello.txt.* 304 ' "$work/log")"
is "as BuildKit adds it" "hello 0:0 600 1445412480" "$(docker run --rm remote:1 sh -c 'echo $(cat /got/hello.txt) $(stat -c "%u:%g %a %Y" /got/hello.txt)')"
is "with the owner and mode that were asked for" "7:8 644" "$(docker run --rm remote:1 stat -c '%u:%g %a' /mine)"
is "the same content is the same step" 2 "$(build remote:1 <<<"$file" | grep -c 'Using cache')"
like "another content is refused" 'digest mismatch' "$(build remote:2 <<<"FROM busybox
ADD --checksum=sha256:${sum//[0-9]/0} $at/hello.txt /")"
like "redirects lead to no metadata service" 'is not a public one' "$(build remote:2 <<<"FROM busybox
ADD $at/away /")"

tar -C "$work/www" -cf "$work/www/hello.tar" hello.txt
succeeds "an archive is imported from an address" docker import -c 'CMD ["x"]' "$at/hello.tar" imported:1
is "with its files and where it is from" "hello.txt Imported from $at/hello.tar" "$(docker export "$(docker create imported:1)" | tar -t | grep hello) $(docker image inspect -f '{{.Comment}}' imported:1)"
fails "one that is not there" 'invalid response status 404' docker import "$at/nothing.tar"
docker rm "$(docker ps -aqf ancestor=imported:1)" >/dev/null; docker rmi imported:1 >/dev/null

# A repository, packed by git itself: history, differences, a tag, a submodule.
git init -q --bare -b main "$work/git/lib.git"
git init -q --bare -b main "$work/git/web.git"
commit() { git -C "$1" add -A && git -C "$1" -c user.name=r -c user.email=r@example.org commit -qm "$2" && git -C "$1" push -q origin HEAD:refs/heads/main; }
git clone -q "$work/git/lib.git" "$work/lib" 2>/dev/null
echo library >"$work/lib/lib.txt"
commit "$work/lib" lib
git clone -q "$work/git/web.git" "$work/web" 2>/dev/null
mkdir "$work/web/app"
for i in 1 2 3 4 5 6; do seq "$i" 20000 >"$work/web/app/numbers.$i"; done
ln -s /etc/passwd "$work/web/app/out"
printf 'FROM busybox\nCOPY . /app\nCMD ["sh", "-c", "tail -n 1 /app/numbers.6; cat /app/lib/lib.txt"]\n' >"$work/web/app/Dockerfile"
commit "$work/web" one
first=$(git -C "$work/web" rev-parse HEAD)
git -C "$work/web" -c protocol.file.allow=always submodule add -q "$work/git/lib.git" app/lib 2>/dev/null
git -C "$work/web" config -f .gitmodules submodule.app/lib.url ../lib.git
commit "$work/web" two
git -C "$work/web" tag v1 && git -C "$work/web" push -q origin v1
second=$(git -C "$work/web" rev-parse HEAD)
for each in lib web; do git -C "$work/git/$each.git" repack -qadf; done

out=$(build remote:3 <<<"FROM busybox
ADD --checksum=$second $at/web.git#v1 /src
ADD $at/web.git#$first:app /old")
like "a repository is added" 'Successfully tagged remote:3' "$out"
is "as git would check it out" "$(cd "$work/web/app" && sha256sum numbers.* lib/lib.txt)" "$(docker run --rm -w /src/app remote:3 sh -c 'sha256sum numbers.* lib/lib.txt')"
is "an older commit, of which a directory" "/etc/passwd no" "$(docker run --rm -w /old remote:3 sh -c 'echo $(readlink out) $([ -e lib ] || echo no)')"
is "nothing of git is in it" "" "$(docker run --rm remote:3 find /src /old -name .git)"
docker_kept=$(build remote:5 <<<"FROM busybox
ADD --keep-git-dir=true $at/web.git#v1 /")
like "a repository with its folder of git" 'Successfully tagged remote:5' "$docker_kept"
docker create --name kept remote:5 >/dev/null && docker cp kept:/ "$work/kept" >/dev/null && docker rm kept >/dev/null
git -c safe.directory='*' -C "$work/kept" fsck --strict >"$work/fsck" 2>&1
is "which is whole" 0 "$?"
is "at the commit, tagged, and nothing is changed" "$second v1" "$(git -c safe.directory='*' -C "$work/kept" rev-parse HEAD) $(git -c safe.directory='*' -C "$work/kept" describe --tags)$(git -c safe.directory='*' -C "$work/kept" status --porcelain -- app/numbers.1 app/out .gitmodules)"
is "a repository is a context" 200 "$(rest POST "/build?remote=$at/web.git%23main:app&t=remote:4" | tail -n 1)"
is "of which an image is made" "20000 library" "$(docker run --rm remote:4 | xargs)"
like "the trail names the commit" "from $at/web.git#main:app commit $second" "$(rest GET '/api/v1/audit?action=image.build')"
is "nothing of them is left on the disk" "" "$(find "$STATE/server/builds" -mindepth 1 -maxdepth 1 ! -name journals)"
docker rmi remote:1 remote:3 remote:4 remote:5 >/dev/null
docker builder prune -af >/dev/null
# The server keeps its setting until it starts again: nothing is at that port by then.
rm -f "$settings"
finish
