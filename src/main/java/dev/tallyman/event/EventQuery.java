package dev.tallyman.event;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What somebody looks for in the history; absent or empty parts match all.
 *
 * @param type container, image, network, volume …
 * @param action start, die; health_status finds {@code health_status: healthy} too
 * @param object an id, or a name, or the beginning of one
 * @param account name of the account that caused it
 */
public record EventQuery(
    @Nullable String type, @Nullable String action, @Nullable String object, @Nullable String account, @Nullable Instant since, @Nullable Instant until) {
  /** Of what the caller may know of. */
  public Predicate<Event> seenBy(Caller caller) {
    return event -> caller.sees(event.team()) && matches(event);
  }

  private boolean matches(Event event) {
    return isAsked(type, event.type())
        && (isAsked(action, event.action()) || event.action().startsWith(action + ":"))
        && hasObject(event)
        && isAsked(account, event.attributes().getOrDefault(Event.ACCOUNT, ""))
        && (since == null || !event.at().isBefore(since))
        && (until == null || !event.at().isAfter(until));
  }

  private static boolean isAsked(@Nullable String wanted, String actual) {
    return wanted == null || wanted.isEmpty() || wanted.equals(actual);
  }

  private boolean hasObject(Event event) {
    return object == null || event.id().startsWith(object) || event.attributes().getOrDefault("name", "").startsWith(object);
  }
}
