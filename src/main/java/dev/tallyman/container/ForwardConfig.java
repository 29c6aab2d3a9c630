package dev.tallyman.container;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** Where containers may have their output forwarded to. */
@ConfigMapping(prefix = "tallyman.log")
interface ForwardConfig {
  /**
   * {@code host:port}, with {@code *} for any port and {@code *.example.org} for any name below, or {@code unix:///path}. Nowhere unless set: the addresses are chosen by
   * whoever creates containers, and the server speaks to them from inside the host's networks.
   */
  Optional<List<String>> forwardTo();
}
