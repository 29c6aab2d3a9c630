# Progress and failure, readable by a person. Sourced by ./tallyman.

say() { printf '%s\n' "==> $*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
fail() {
  printf 'tallyman: %s\n' "$*" >&2
  exit 1
}

# Runs a command that takes a while; its output is shown only if it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
