package dev.tallyman.engine.session;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of build clients' sessions. */
@ConfigMapping(prefix = "tallyman.engine")
interface SessionConfig {
  /** How long a build waits for the session that it names: clients open both at once. */
  @WithDefault("20s")
  Duration sessionWait();
}
