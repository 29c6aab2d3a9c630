#!/usr/bin/env bash
# Answers of the Engine API against Docker's own description of it. Run by: src/test/system/run src/test/clients/schema.sh
. "$HERE/lib.sh"
[ -s "${SCHEMA:-}" ] || { report "not ok" "the description is there" "SCHEMA names no file: ${SCHEMA:-}"; finish; exit 1; }
out=$(/usr/bin/python3 "$TOP/src/test/clients/schema.py" "$RUN/docker.sock" "$SCHEMA" 2>&1)
# Each of its checks is one of this suite.
while IFS= read -r line; do
  case $line in
    "ok - "*) report ok "${line#ok - }" ;;
    "not ok - "*) report "not ok" "${line#not ok - }" "$(grep -A6 -F -- "$line" <<<"$out" | grep '^ ')" ;;
  esac
done <<<"$out"
like "the whole description was asked for" '^[0-9]+ passed, 0 failed$' "$(tail -n 1 <<<"$out")"
is "nothing is left behind" "" "$(docker ps -aq; docker volume ls -q; docker network ls -q --filter type=custom)"
finish
