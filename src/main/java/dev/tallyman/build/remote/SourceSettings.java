package dev.tallyman.build.remote;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an administrator decides about sources that builds fetch. */
@ConfigMapping(prefix = "tallyman.build.sources")
interface SourceSettings {
  /** Hosts that may be asked although their addresses are not public: {@code host:port}, {@code host:*}, {@code *.domain:port}. */
  Optional<List<String>> allowed();

  @WithDefault("10s")
  Duration connectTimeout();

  /** How long a server may say nothing. */
  @WithDefault("30s")
  Duration silence();

  /** How long one file or repository may take in all. */
  @WithDefault("30m")
  Duration timeout();

  /** A server that sends less than this in a minute is given up. */
  @WithDefault("64K")
  MemorySize leastPerMinute();

  /** Bytes of one repository with its submodules, as they are sent. */
  @WithDefault("2G")
  MemorySize gitMax();

  /** Objects of one repository with its submodules; each is remembered in memory. */
  @WithDefault("300000")
  int gitObjectsMax();
}
