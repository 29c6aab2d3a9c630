#!/usr/bin/env bash
# The same image as Docker makes: what is expected here is what dockerd 28.5.2 with BuildKit made of this context.
. "$HERE/lib.sh"
no_containers
export DOCKER_BUILDKIT=0
work=$(mktemp -d)
trap 'rm -rf "$work"; docker rmi -f same >/dev/null 2>&1; docker builder prune -af >/dev/null 2>&1' EXIT

mkdir -p "$work/c/dir/sub" "$work/tar/in/d"
echo x >"$work/c/dir/x"
ln "$work/c/dir/x" "$work/c/dir/y"
chmod 0700 "$work/c/dir"
chmod 0750 "$work/c/dir/sub"
chmod 0644 "$work/c/dir/x"
echo t >"$work/tar/in/t"
ln "$work/tar/in/t" "$work/tar/in/h"
mkfifo -m 0622 "$work/tar/in/pipe"
chmod 2750 "$work/tar/in/d"
chown 11:12 "$work/tar/in/t"
tar -C "$work/tar" -cf "$work/c/p.tar" in
bzip2 -c "$work/c/p.tar" >"$work/c/p.tbz"
cat >"$work/c/Dockerfile" <<'EOF'
ARG GLOBAL=glob
FROM busybox AS one
RUN mkdir -p /s/d /s/e /s/setgid && echo 1 >/s/d/1 && chown -R 7:8 /s/d && chmod 2700 /s/d && chmod 4711 /s/d/1 && ln /s/d/1 /s/e/hard && ln -s d /s/l && mkfifo -m 0640 /s/e/pipe && chgrp 9 /s/setgid && chmod 2775 /s/setgid
FROM busybox
ARG GLOBAL
USER 1000
WORKDIR /w/deep
COPY --from=one /s /tree
COPY --from=one /s/d /made
COPY --from=one --chmod=711 /s/l /linked/
COPY --chown=1000 dir /owned
COPY dir /tree/setgid
ADD p.tar /plain/
ADD p.tbz /packed
USER 0
VOLUME /tree/d /data
RUN echo kept >/tree/d/kept && chown 5 /tree/e/hard
ARG UNSET
ARG HIDDEN=argument
ENV HIDDEN=variable SPACED="a b"
LABEL one=1 "two words"='$GLOBAL'
EXPOSE 8001-8002/tcp 53/udp 80
SHELL ["/bin/sh", "-ec"]
RUN true >/dev/null
HEALTHCHECK --interval=90s --timeout=1500ms --retries=3 CMD wget -q "localhost" || exit 1
STOPSIGNAL SIGINT
WORKDIR sub
USER nobody
ENTRYPOINT exec top
CMD ["-d", "1"]
EOF
out=$(docker build -t same "$work/c" 2>&1)
like "the context is built" 'Successfully tagged same' "$out"
docker create --name same same x >/dev/null
files() {
  docker export same | python3 -c '
import sys, tarfile
for each in sorted(tarfile.open(fileobj=sys.stdin.buffer, mode="r|"), key=lambda member: member.name):
    top = each.name.split("/")[0]
    if top in ("linked", "made", "owned", "packed", "plain", "tree", "w"):
        kind = {b"0": "file", b"1": "hard", b"2": "link", b"5": "dir", b"6": "pipe"}[each.type]
        print(each.name, kind, oct(each.mode)[2:], f"{each.uid}:{each.gid}", each.linkname)' | sed 's/ $//'
}
is "its files, their owners and modes" "$(sed '/^$/d' <<'EOF'
linked dir 711 0:0
linked/1 file 711 7:8
made dir 755 0:0
made/1 file 4711 7:8
owned dir 755 1000:1000
owned/sub dir 750 1000:1000
owned/x file 644 1000:1000
owned/y hard 644 1000:1000 owned/x
packed dir 755 0:0
packed/in dir 755 0:0
packed/in/d dir 2750 0:0
packed/in/h file 644 11:12
packed/in/pipe pipe 622 0:0
packed/in/t hard 644 11:12 packed/in/h
plain dir 755 0:0
plain/in dir 755 0:0
plain/in/d dir 2750 0:0
plain/in/h file 644 11:12
plain/in/pipe pipe 622 0:0
plain/in/t hard 644 11:12 plain/in/h
tree dir 755 0:0
tree/d dir 2700 7:8
tree/d/1 file 4711 7:8
tree/d/kept file 644 0:8
tree/e dir 755 0:0
tree/e/hard file 711 5:8
tree/e/pipe pipe 640 0:0
tree/l link 777 0:0 d
tree/setgid dir 2775 0:9
tree/setgid/sub dir 750 0:0
tree/setgid/x file 644 0:0
tree/setgid/y hard 644 0:0 tree/setgid/x
w dir 755 1000:1000
w/deep dir 755 1000:1000
w/deep/sub dir 755 0:0
EOF
)" "$(files)"
docker rm -v same >/dev/null
is "its configuration" '{"Cmd":["-d","1"],"Entrypoint":["/bin/sh","-ec","exec top"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","HIDDEN=variable","SPACED=a b"],"ExposedPorts":{"53/udp":{},"80/tcp":{},"8001/tcp":{},"8002/tcp":{}},"Healthcheck":{"Interval":90000000000,"Retries":3,"Test":["CMD-SHELL","wget -q \"localhost\" || exit 1"],"Timeout":1500000000},"Labels":{"one":"1","two words":"$GLOBAL"},"Shell":["/bin/sh","-ec"],"StopSignal":"SIGINT","User":"nobody","Volumes":{"/data":{},"/tree/d":{}},"WorkingDir":"/w/deep/sub"}' \
  "$(docker save same | python3 -c '
import json, sys, tarfile
files = {each.name: tar.extractfile(each).read() for tar in [tarfile.open(fileobj=sys.stdin.buffer, mode="r|")] for each in tar if each.isfile() and each.size < 65536}
config = json.loads(files[json.loads(files["manifest.json"])[0]["Config"]])["config"]
print(json.dumps(config, sort_keys=True, separators=(",", ":")))')"
is "its history" "$(sed '/^$/d' <<'EOF'
CMD ["-d" "1"]
ENTRYPOINT ["/bin/sh" "-ec" "exec top"]
USER nobody
WORKDIR /w/deep/sub
STOPSIGNAL SIGINT
HEALTHCHECK &{["CMD-SHELL" "wget -q \"localhost\" || exit 1"] "1m30s" "1.5s" "0s" "0s" '\x03'}
RUN |3 GLOBAL=glob UNSET= HIDDEN=variable /bin/sh -ec true >/dev/null # buildkit
SHELL [/bin/sh -ec]
EXPOSE [53/udp 80/tcp 8001/tcp 8002/tcp]
LABEL one=1 two words=$GLOBAL
ENV HIDDEN=variable SPACED=a b
RUN |1 GLOBAL=glob /bin/sh -c echo kept >/tree/d/kept && chown 5 /tree/e/hard # buildkit
VOLUME [/tree/d /data]
USER 0
ADD p.tbz /packed # buildkit
ADD p.tar /plain/ # buildkit
COPY dir /tree/setgid # buildkit
COPY --chown=1000 dir /owned # buildkit
COPY --chmod=711 /s/l /linked/ # buildkit
COPY /s/d /made # buildkit
COPY /s /tree # buildkit
WORKDIR /w/deep
USER 1000
EOF
)" "$(docker history --no-trunc --format '{{.CreatedBy}}' same | head -n 23)"
like "and its comment" '^buildkit.dockerfile.v0$' "$(docker inspect -f '{{.Comment}}' same)"
finish
