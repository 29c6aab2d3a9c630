package dev.tallyman.build;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much is kept of files that builds fetched, so that a server need not send again what has not changed. */
@ConfigMapping(prefix = "tallyman.build.fetched")
interface FetchedLimits {
  /** Of all teams; never more than is free beside it on the disk. 0 = nothing is kept. */
  @WithDefault("2G")
  MemorySize keptMax();

  /** Of one team. */
  @WithDefault("1G")
  MemorySize keptTeamMax();

  /** Files of all teams; each is an open one. */
  @WithDefault("200")
  int keptCountMax();

  /** What was not used for so long goes. */
  @WithDefault("7d")
  Duration keptAge();
}
