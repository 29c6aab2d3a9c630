#!/usr/bin/env bash
# The contract of dev.tallyman.kernel, which the kernel in memory keeps too, against this instance's helper.
. "$HERE/lib.sh"
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
network=$(sed -n 's|^subnets = \([0-9]*\.[0-9]*\)\..*|\1|p' "/etc/tallyman/$name.policy.conf")

export REAL_JAVA=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}/bin/java

contract() {
  (cd "$TOP" && mvn -B -q test -Dexcluded.tags= -Dincluded.tags=kernel -Dtest=HelperSandboxesIT "-Djvm=$HERE/bin/java" "-Dtallyman.helper=/usr/lib/tallyman-$name/helper" \
    "-Dtallyman.state=$STATE" "-Dtallyman.monitor=$RUN-monitor" "-Dtallyman.subnet=$network.77")
}
succeeds "the helper keeps the contract that the kernel in memory keeps" contract
finish
