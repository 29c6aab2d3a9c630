package dev.tallyman.build;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much is kept of contexts that clients have sent, so that the next time only changed files travel. */
@ConfigMapping(prefix = "tallyman.build.contexts")
interface ContextLimits {
  /** Of all teams; never more than is free beside it on the disk. 0 = nothing is kept. */
  @WithDefault("8G")
  MemorySize keptMax();

  /** Of one team. */
  @WithDefault("4G")
  MemorySize keptTeamMax();

  /** Contexts of all teams; each is an open file. */
  @WithDefault("200")
  int keptCountMax();

  /** What was not used for so long goes. */
  @WithDefault("7d")
  Duration keptAge();
}
