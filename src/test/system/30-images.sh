#!/usr/bin/env bash
# Images by the docker client: load, save, import, tag, history, remove.
. "$HERE/lib.sh"
no_containers
work=$(mktemp -d)

id=$(docker images -q --no-trunc busybox)
docker save busybox -o "$work/bb.tar"
like "load says what it loaded" 'Loaded image: busybox:latest' "$(docker load -i "$work/bb.tar")"
is "save and load keep the id" "$id" "$(docker images -q --no-trunc busybox)"
succeeds "tag" docker tag busybox box:one
like "images lists both" 'box:one' "$(docker images --format '{{.Repository}}:{{.Tag}}')"
like "rmi of one name only untags" 'Untagged: box:one' "$(docker rmi box:one)"
succeeds "the other still runs" docker run --rm busybox true
mkdir -p "$work/root/bin" && cp /bin/busybox "$work/root/bin/" && ln -s busybox "$work/root/bin/sh" && echo hi >"$work/root/hello"
tar -C "$work/root" -cf "$work/root.tar" .
like "import" '^sha256:[0-9a-f]{64}$' "$(docker import -c 'CMD ["/bin/busybox","cat","/hello"]' -c 'ENV A=b' "$work/root.tar" mine:1)"
is "an imported image runs with its default command" hi "$(docker run --rm mine:1)"
is "its config is kept" "[A=b]" "$(docker inspect -f '{{.Config.Env}}' mine:1 | sed 's/PATH=[^ ]* *//;s/ \]/]/')"
gzip -k "$work/root.tar"
succeeds "import of gzip" docker import "$work/root.tar.gz" mine:gz
like "history" 'mine|[0-9a-f]{12}|<missing>' "$(docker history mine:1)"
docker create --name user mine:1 >/dev/null
fails "an image in use is kept" 'conflict|in use|using' docker rmi mine:1
docker rm user >/dev/null
succeeds "and goes when it is free" docker rmi mine:1
fails "an unknown image is named" "Unable to find image '127.0.0.1:1/nosuch:1' locally" docker run --rm 127.0.0.1:1/nosuch:1 true
head -c 3000 "$work/bb.tar" >"$work/cut.tar"
fails "a cut archive is refused" '.' docker load -i "$work/cut.tar"
is "and changes nothing" "$id" "$(docker images -q --no-trunc busybox)"
docker rmi mine:gz >/dev/null
rm -rf "$work"
finish
