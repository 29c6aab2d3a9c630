package dev.tallyman.event;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A fact about an object, as {@code docker events} and the dashboard's live pages show it.
 *
 * @param type container, image, network, volume …
 * @param action create, start, die, exec_create: command …
 * @param id of the object
 * @param team that owns it
 * @param attributes Docker's actor attributes: name, image, exitCode, labels; and who did it, {@link #ACCOUNT} and {@link #WAY}
 * @param sequence its place in the history, ascending; 0 for one that is not kept
 */
public record Event(String type, String action, String id, long team, Map<String, String> attributes, Instant at, long sequence) {
  /** Attribute: name of the account that caused it, {@code system} for the server by itself. Events of earlier versions have none. */
  public static final String ACCOUNT = "tallyman.account";

  /** Attribute of the end of a process: name of the account that had started it. Nobody caused an end by itself but the process. */
  public static final String STARTED_BY = "tallyman.started-by";

  /** Attribute: docker, rest, browser, index or system. */
  public static final String WAY = "tallyman.way";

  public Event {
    attributes = Map.copyOf(attributes);
  }

  /**
   * One that is about to be published.
   *
   * @param by who caused it; takes the place of attributes (labels of the object) that are called so
   */
  public Event(Caller by, String type, String action, String id, long team, Map<String, String> attributes, Instant at) {
    this(type, action, id, team, signed(attributes, by), at, 0);
  }

  private static Map<String, String> signed(Map<String, String> attributes, Caller by) {
    Map<String, String> all = new HashMap<>(attributes);
    all.put(ACCOUNT, by.accountName());
    all.put(WAY, by.way().name().toLowerCase(Locale.ROOT));
    return all;
  }

  Event numbered(long number) {
    return new Event(type, action, id, team, attributes, at, number);
  }
}
