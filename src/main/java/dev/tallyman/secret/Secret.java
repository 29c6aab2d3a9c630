package dev.tallyman.secret;

import java.time.Instant;
import java.util.Map;

/**
 * A secret as others see it: all but its value.
 *
 * @param version 1, and one more with every new value
 * @param bytes length of the value
 * @param updatedAt when it got its value
 */
public record Secret(String id, String name, int version, int bytes, Map<String, String> labels, long team, String creator, Instant createdAt, Instant updatedAt) {
  public Secret {
    labels = Map.copyOf(labels);
  }
}
