package dev.tallyman.event;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long events are remembered. The audit trail and the timelines of containers are not touched by it. */
@ConfigMapping(prefix = "tallyman.event")
interface EventConfig {
  /** Some weeks of a busy machine; about 50 MB of database. */
  @WithDefault("100000")
  int kept();

  @WithDefault("P30D")
  Duration age();
}
