package dev.tallyman.image;

import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Tells what happens to images as dockerd does: with the labels of one that is still there, and an attribute {@code name}. */
@ApplicationScoped
class ImageEvents {
  /** An archive may bring labels of any length; events are kept. */
  private static final int MOST_LABEL_CHARS = 8192;

  private final Events events;
  private final ImageLookup lookup;

  @Inject
  ImageEvents(Events events, ImageLookup lookup) {
    this.events = events;
    this.lookup = lookup;
  }

  /** What happens to an image itself has its id as a name. */
  void publish(Caller caller, String action, String id) {
    publish(caller, action, id, id);
  }

  void publish(Caller caller, String action, String id, String name) {
    Map<String, String> attributes = new HashMap<>(labels(caller, id));
    attributes.put("name", name);
    publish(caller, action, id, attributes);
  }

  void publish(Caller caller, String action, String id, Map<String, String> attributes) {
    events.publish(new Event(caller, "image", action, id, caller.team(), attributes, Instant.now()));
  }

  private Map<String, String> labels(Caller caller, String id) {
    Map<String, String> labels;
    try {
      labels = lookup.find(caller, id).map(row -> lookup.image(row).config().labels()).orElse(Map.of());
    } catch (RuntimeException e) {
      // Removed meanwhile, say. What is told has happened, and must not fail for it.
      return Map.of();
    }
    long chars = labels.entrySet().stream().mapToLong(each -> each.getKey().length() + each.getValue().length()).sum();
    return chars > MOST_LABEL_CHARS ? Map.of() : labels;
  }
}
