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
 * @param sequence its place in the history, ascending; 0 for one that is not kept
 */
public record Event(String type, String action, String id, long team, Map<String, String> attributes, Instant at, long sequence) {
  public Event {
    attributes = Map.copyOf(attributes);
  }

  /** One that is about to be published. */
  public Event(String type, String action, String id, long team, Map<String, String> attributes, Instant at) {
    this(type, action, id, team, attributes, at, 0);
  }

  Event numbered(long number) {
    return new Event(type, action, id, team, attributes, at, number);
  }
}
