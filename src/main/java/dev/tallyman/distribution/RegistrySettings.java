package dev.tallyman.distribution;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an administrator decides about registries. */
@ConfigMapping(prefix = "tallyman.registry")
interface RegistrySettings {
  /** Addresses asked before Docker's own registry, in this order, e.g. {@code http://127.0.0.1:5000}. */
  Optional<List<String>> mirrors();

  /** Registries, {@code host[:port]}, that may speak plain HTTP or have an unknown certificate. Loopback addresses always may. */
  Optional<List<String>> insecure();

  /** {@code HOST[:PORT]/*.crt}: further certificate authorities for one registry. */
  @WithDefault("/etc/tallyman/certs.d")
  Path certificates();

  /** Layers of one image that come at the same time. */
  @WithDefault("3")
  int parallel();

  @WithDefault("10s")
  Duration connectTimeout();

  /** How long an insecure registry is given to show that it speaks TLS; then plain HTTP is used. */
  @WithDefault("3s")
  Duration tlsProbe();

  /** How long a registry may say nothing. */
  @WithDefault("30s")
  Duration silence();

  /** A registry that sends less than this in a minute is given up. */
  @WithDefault("64K")
  MemorySize leastPerMinute();

  /** First pause before a try is repeated; the next ones double. */
  @WithDefault("500ms")
  Duration backOff();
}
