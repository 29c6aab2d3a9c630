package dev.tallyman.index;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What an administrator decides about the Index. */
@ConfigMapping(prefix = "tallyman.index")
interface IndexConfig {
  /** Whether public repositories may be read without an account. */
  @WithDefault("false")
  boolean anonymousReading();

  /** Largest blob that is accepted. */
  @WithDefault("20G")
  MemorySize maxBlob();

  /** An upload to which nothing was added for this long is given up. */
  @WithDefault("1h")
  Duration uploadLifetime();

  /** Tokens of {@code docker login} are asked for again after this time. */
  @WithDefault("5m")
  Duration tokenLifetime();
}
