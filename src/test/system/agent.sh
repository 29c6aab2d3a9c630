# Programs of this machine in containers, among them the docker client for those that use the engine there.

# copy_program FOLDER PROGRAM: into bin; what is linked with libraries has them at the same places then
copy_program() {
  local folder=$1 program=$2 library
  mkdir -p "$folder/bin"
  cp -L "$program" "$folder/bin/$(basename "$program")"
  for library in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*'); do
    mkdir -p "$folder$(dirname "$library")"
    cp -L "$library" "$folder$library"
  done
}

# make_agent IMAGE [PROGRAM [CHANGE...]]: PROGRAM becomes /NAME, CHANGEs are instructions of a Dockerfile
make_agent() {
  local image=$1 program=${2:-} folder changes=()
  folder=$(mktemp -d)
  shift $(($# < 2 ? $# : 2))
  for change in "$@"; do changes+=(--change "$change"); done
  copy_program "$folder" "$(type -P docker)"
  [ -z "$program" ] || install -m 0755 "$program" "$folder/$(basename "$program")"
  docker create --name seed-of-agent busybox >/dev/null
  docker export seed-of-agent | tar xf - -C "$folder" bin
  docker rm seed-of-agent >/dev/null
  tar cf - -C "$folder" . | docker import "${changes[@]}" - "$image" >/dev/null
  rm -rf "$folder"
}
