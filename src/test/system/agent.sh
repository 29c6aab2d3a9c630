# An image with busybox and the docker client, for programs that use the engine from a container.

# make_agent IMAGE [PROGRAM [CHANGE...]]: PROGRAM becomes /NAME, CHANGEs are instructions of a Dockerfile
make_agent() {
  local image=$1 program=${2:-} folder library changes=()
  folder=$(mktemp -d)
  shift $(($# < 2 ? $# : 2))
  for change in "$@"; do changes+=(--change "$change"); done
  mkdir -p "$folder/bin"
  cp "$(type -P docker)" "$folder/bin/docker"
  # A client of the distribution's is linked with libraries; the container has them at the same places then.
  for library in $(ldd "$folder/bin/docker" 2>/dev/null | grep -o '/[^ ]*'); do
    mkdir -p "$folder$(dirname "$library")"
    cp -L "$library" "$folder$library"
  done
  [ -z "$program" ] || install -m 0755 "$program" "$folder/$(basename "$program")"
  docker create --name seed-of-agent busybox >/dev/null
  docker export seed-of-agent | tar xf - -C "$folder" bin
  docker rm seed-of-agent >/dev/null
  tar cf - -C "$folder" . | docker import "${changes[@]}" - "$image" >/dev/null
  rm -rf "$folder"
}
