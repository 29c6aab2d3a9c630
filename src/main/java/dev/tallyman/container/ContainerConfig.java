package dev.tallyman.container;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of containers: what one gets that does not ask for something else. */
@ConfigMapping(prefix = "tallyman.container")
interface ContainerConfig {
  /** Processes and threads of a container; the policy's ceiling holds above it. Stops fork bombs, is enough for a database. */
  @WithDefault("2048")
  long pids();

  /** Size of one log file; the oldest of {@link #logFiles} goes when a new one begins. Together enough for an evening of a talkative service. */
  @WithDefault("40m")
  String logSize();

  @WithDefault("3")
  int logFiles();

  /** Whether mounting Docker's socket gives a container one of its own, with the rights of a member of its team. */
  @WithDefault("true")
  boolean engineSocket();

  /** From the stop signal to the kill. */
  @WithDefault("10s")
  Duration stopTimeout();

  /** Pause before the first restart by policy; doubles each time until {@link #restartPauseMax}, as Docker does. */
  @WithDefault("100ms")
  Duration restartPause();

  @WithDefault("1m")
  Duration restartPauseMax();

  /** A run of this length was a success: the next pause begins at {@link #restartPause} again. */
  @WithDefault("10s")
  Duration restartReset();
}
