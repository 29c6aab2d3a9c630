# Starter images made from the distribution's packages, for machines without internet. Sourced by ./tallyman.

has_image() {
  [ "$(ask_server -o /dev/null -w '%{http_code}' "http://localhost/images/$1/json")" = 200 ]
}

# import_root FOLDER REFERENCE CMD-JSON
import_root() {
  local reply
  reply=$(tar -C "$1" --numeric-owner --owner=0 --group=0 --sort=name -cf - . |
    ask_server --max-time 600 -X POST -H 'Content-Type: application/x-tar' --data-binary @- \
      "http://localhost/images/create?fromSrc=-&repo=${2%:*}&tag=${2##*:}&changes=$(url_encode "CMD $3")")
  case $reply in *sha256:*) ;; *) fail "could not import $2: $reply" ;; esac
}

url_encode() {
  local text=$1 out='' char i
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in [A-Za-z0-9._~-]) out+=$char ;; *) out+=$(printf '%%%02X' "'$char") ;; esac
  done
  printf '%s' "$out"
}

seed_busybox() {
  [ ! -e "$STATE/seeded" ] || return 0
  has_image busybox:latest || make_busybox
  touch "$STATE/seeded"
}

make_busybox() {
  install_packages busybox-static
  say "making busybox:latest from the distribution's static busybox"
  local root applet library
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,etc,dev,proc,sys,tmp,root,home,mnt,opt,srv,run,var/run,var/opt,var/www,lib64,"lib/$(uname -m)-linux-gnu"}
  cp /bin/busybox "$root/bin/busybox"
  for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  # A static program still loads these when it looks up a name.
  for library in libc.so.6 libresolv.so.2 libnss_dns.so.2 libnss_files.so.2; do
    cp -L "/lib/$(uname -m)-linux-gnu/$library" "$root/lib/$(uname -m)-linux-gnu/" 2>/dev/null || true
  done
  cp -L /lib64/ld-linux-*.so.* "$root/lib64/" 2>/dev/null || true
  printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1:daemon:/usr/sbin:/bin/false www-data:x:33:33:www-data:/var/www:/bin/false \
    nobody:x:65534:65534:nobody:/home:/bin/false >"$root/etc/passwd"
  printf '%s\n' root:x:0: daemon:x:1: tty:x:5: www-data:x:33: nobody:x:65534: >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  chmod 1777 "$root/tmp"
  chmod 0700 "$root/root"
  chmod 0755 "$root"
  import_root "$root" busybox:latest '["sh"]'
  rm -rf "$root"
}

make_debian() {
  server_pid >/dev/null || fail "the server is not running: ./tallyman up --detach first"
  install_packages mmdebstrap
  say "making debian:bookworm-slim from the distribution's packages (about a minute)"
  local root sources
  root=$(mktemp -d)
  chmod 0755 "$root"
  sources=$(debian_sources)
  [ -n "$sources" ] || fail "this machine's apt has no Debian package source: set DEBIAN_MIRROR to the address of one"
  printf '%s\n' "$sources" |
    quietly mmdebstrap --mode=root --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
      --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$root" - || fail "mmdebstrap failed; see above"
  # Some packages make links there and fail without the folders, openjdk-17-jre-headless for one.
  mkdir -p "$root"/usr/share/man/man{1..8}
  # The image's own apt must work where this machine's does: same package sources, same date checks.
  printf 'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n' >"$root/etc/apt/apt.conf.d/90-package-source-dates"
  (cd "$root" && rm -rf dev/* var/lib/apt/lists/* var/cache/apt/*.bin etc/resolv.conf etc/hostname)
  import_root "$root" debian:bookworm-slim '["bash"]'
  rm -rf "$root"
  say "debian:bookworm-slim is there"
}

# The one-line package source of bookworm that this machine's apt uses; DEBIAN_MIRROR overrides it (Ubuntu has none in its sources).
debian_sources() {
  local uri=${DEBIAN_MIRROR:-}
  [ -n "$uri" ] || uri=$(debian_mirror)
  if [ -z "$uri" ]; then
    quietly apt-get update -qq || true
    uri=$(debian_mirror)
  fi
  [ -z "$uri" ] || printf 'deb %s bookworm main\n' "$uri"
}

debian_mirror() {
  # shellcheck disable=SC2016 # apt expands it
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 -E '/debian/?$' || true
}
