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

  /** A client that sends less of a body than this in a minute is cut off. */
  @WithDefault("64K")
  MemorySize leastPerMinute();

  /** How often retention rules are followed, and blobs that no manifest has collected. */
  @WithDefault("24h")
  Duration collectEvery();

  /** The collection spares what was pushed, mounted or pulled within this time. Longer than any push takes from its first blob to its manifest. */
  @WithDefault("6h")
  Duration collectAfter();

  /** Whether manifests without a tag are collected by the schedule, too: they can be pulled by digest, and somebody may. */
  @WithDefault("false")
  boolean collectUntagged();

  /** The longest life of a robot's secret in days; 0 = any, and secrets without an end are allowed, too. */
  @WithDefault("365")
  int robotMaxDays();

  /** Tokens of {@code docker login} are asked for again after this time. */
  @WithDefault("5m")
  Duration tokenLifetime();
}
