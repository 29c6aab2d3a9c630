#!/bin/sh
# What Testcontainers' Ryuk does, for a place where its image cannot be had: takes filters, a line each, and when the last client has gone removes what they find.
# The program of one connection; nc -e gives it the connection as its input and output.
filters=
while read -r line; do
  # label=a=b&label=c=d, all of one line hold for the same thing
  filters="$filters $(echo "$line" | sed 's/&/ /g; s/label=/--filter label=/g; s/%3D/=/g')"
  echo ACK
done
[ -n "$filters" ] || exit 0 # somebody who only looked whether the port is open
export DOCKER_HOST=unix:///var/run/docker.sock
# shellcheck disable=SC2086 # filters are words
found=$(docker ps -aq $filters)
# shellcheck disable=SC2086
[ -z "$found" ] || docker rm -f -v $found
# shellcheck disable=SC2086
docker network prune -f $filters
# shellcheck disable=SC2086
docker volume prune -af $filters
docker rm -f "$(hostname)"
