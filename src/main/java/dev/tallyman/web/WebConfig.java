package dev.tallyman.web;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;
import java.util.Set;

/** Settings of the HTTP edge. */
@ConfigMapping(prefix = "tallyman.web")
interface WebConfig {
  /**
   * Names by which browsers may reach this server, besides IP addresses, localhost and the machine's own name. Any other Host is
   * refused: a page of a foreign site could otherwise point its own name at this server (DNS rebinding).
   */
  Optional<Set<String>> hosts();
}
