#!/usr/bin/env bash
# docker-java and Testcontainers against an instance of the whole product. Run by: src/test/system/run src/test/clients/java-clients.sh
. "$HERE/lib.sh"
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
# The tests mount folders of their own, which lie below the folder for temporary files and are root's alone, as JUnit makes them.
private=$(mktemp -d)
work=$private/files
mkdir "$work"
trap 'rm -rf "$private"' EXIT
printf 'bind_roots = %s\nno_root_squash = %s\n' "$work" "$work" >>"/etc/tallyman/$name.policy.conf"

# Nobody's own settings of these libraries may steer a test, so the tests have a home of their own, of somebody who has logged in somewhere; Maven keeps its own.
mkdir "$work/.docker"
printf '{"auths":{"127.0.0.1:9":{"auth":"%s"}}}' "$(printf user:word | base64)" >"$work/.docker/config.json"
in_java() {
  (cd "$TOP" && TESTCONTAINERS_RYUK_DISABLED=${WITHOUT_REAPER:-true} TESTCONTAINERS_RYUK_CONTAINER_IMAGE=reaper:latest TESTCONTAINERS_RYUK_CONTAINER_PRIVILEGED=false TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1 TESTCONTAINERS_CHECKS_DISABLE=true \
    TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE=busybox:latest MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" \
    timeout 400 mvn -B -q -ntp -Pclients test -Dtest="$1" -Dtest.jvm="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -Djava.io.tmpdir=$work -Duser.home=$work")
}
for class in DockerJavaIT TestcontainersIT ReaperIT; do
  # Reports of an earlier run must not speak for this one.
  rm -f "$TOP/target/surefire-reports/TEST-dev.tallyman.clients.$class.xml"
done
succeeds "docker-java and Testcontainers" in_java DockerJavaIT,TestcontainersIT
ran() { grep -o '<testcase ' "$TOP/target/surefire-reports/TEST-dev.tallyman.clients.$1.xml" | wc -l; }
is "DockerJavaIT ran 12 tests" 12 "$(ran DockerJavaIT)"
is "TestcontainersIT ran 14 tests" 14 "$(ran TestcontainersIT)"

# In the place of Ryuk's image, which is on Docker Hub: the same work by the docker client.
. "$HERE/agent.sh"
make_agent reaper "$TOP/src/test/clients/reaper.sh" 'CMD ["sh", "-c", "echo Started; exec nc -ll -p 8080 -e /reaper.sh"]' 'EXPOSE 8080'
WITHOUT_REAPER=false succeeds "Testcontainers with a reaper" in_java ReaperIT
is "ReaperIT ran 1 test" 1 "$(ran ReaperIT)"
succeeds "what the tests left is reaped, and the reaper goes" eventually 20 sh -c '[ -z "$(docker ps -aq)" ]'
docker rmi -f reaper >/dev/null
is "nothing is left behind" "" "$(docker ps -aq; docker volume ls -q; docker network ls -q --filter type=custom)"
finish
