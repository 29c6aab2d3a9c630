package dev.tallyman.event;

import java.time.Instant;
import java.util.Map;

/**
 * A fact about an object, as {@code docker events} and the dashboard's live pages show it.
 *
 * @param type container, image, network, volume …
 * @param action create, start, die, exec_create: command …
 * @param id of the object
 * @param team that owns it
 * @param attributes Docker's actor attributes: name, image, exitCode, labels
 */
public record Event(String type, String action, String id, long team, Map<String, String> attributes, Instant at) {
  public Event {
    attributes = Map.copyOf(attributes);
  }
}
