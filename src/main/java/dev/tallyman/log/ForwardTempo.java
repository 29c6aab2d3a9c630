package dev.tallyman.log;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How patiently output is forwarded. */
@ConfigMapping(prefix = "tallyman.log")
interface ForwardTempo {
  /** Pause after a failure; doubles each time up to {@link #backOffMax}. */
  @WithDefault("500ms")
  Duration backOff();

  @WithDefault("30s")
  Duration backOffMax();

  /** How long a receiver that acknowledges nothing must keep the connection until lines count as arrived; else they are sent again. */
  @WithDefault("5s")
  Duration settled();

  /** How long one batch of lines may take. */
  @WithDefault("15s")
  Duration sendTimeout();

  /** How long the output of a removed container is held for a receiver that does not take it. */
  @WithDefault("10m")
  Duration keepRemoved();
}
