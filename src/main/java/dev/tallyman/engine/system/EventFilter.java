package dev.tallyman.engine.system;

import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.event.Event;
import java.util.List;
import java.util.function.Predicate;

/** Which events a client wants: values of one filter are alternatives, filters add up. As with dockerd, others than these filter nothing. */
final class EventFilter {
  private final Filters filters;
  private final ApiVersion version;

  EventFilter(Filters filters, ApiVersion version) {
    this.filters = filters;
    this.version = version;
  }

  boolean matches(Event event) {
    return isKnown(event)
        && isIn("type", each -> each.equals(event.type()))
        // exec_create: sh is found by exec_create, health_status: healthy by health_status.
        && isIn("event", each -> event.action().equals(each) || event.action().startsWith(each + ":"))
        && isIn("scope", each -> each.equals("local"))
        && filters.all("label").stream().allMatch(each -> hasLabel(event, each))
        && isIn("image", each -> isImage(event, each))
        && List.of("container", "network", "volume", "daemon", "plugin", "service", "node", "secret", "config").stream().allMatch(each -> isObject(event, each));
  }

  /** Creations of images are told since 1.46. */
  private boolean isKnown(Event event) {
    return !(version.isBefore(46) && event.type().equals("image") && event.action().equals("create"));
  }

  private boolean isIn(String name, Predicate<String> test) {
    List<String> wanted = filters.all(name);
    return wanted.isEmpty() || wanted.stream().anyMatch(test);
  }

  private boolean isObject(Event event, String type) {
    // As dockerd: the beginning of an id or of a name is enough.
    return isIn(type, each -> event.type().equals(type) && (event.id().startsWith(each) || event.attributes().getOrDefault("name", "").startsWith(each)));
  }

  private static boolean isImage(Event event, String wanted) {
    String attribute = event.type().equals("image") ? "name" : "image";
    String name = event.attributes().getOrDefault(attribute, "");
    return wanted.equals(event.id()) || wanted.equals(name) || wanted.equals(withoutTag(name));
  }

  private static String withoutTag(String name) {
    int colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
  }

  private static boolean hasLabel(Event event, String wanted) {
    int equals = wanted.indexOf('=');
    return equals < 0 ? event.attributes().containsKey(wanted) : wanted.substring(equals + 1).equals(event.attributes().get(wanted.substring(0, equals)));
  }
}
