package dev.tallyman.engine.system;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventFilterTest {
  private static final Event EXEC =
      new Event("container", "exec_create: sh", "abc123", 1, Map.of("name", "web", "image", "example.org:5000/box:1", "role", "front"), Instant.EPOCH, 0);

  private static boolean matches(String name, String... values) {
    return new EventFilter(new Filters(Map.of(name, List.of(values))), ApiVersion.NEWEST).matches(EXEC);
  }

  @Test
  void valuesAreAlternativesAndFiltersAddUp() {
    assertTrue(matches("type", "image", "container"));
    assertFalse(matches("type", "image"));
    assertTrue(matches("event", "exec_create"));
    assertFalse(matches("event", "exec"));
    assertFalse(new EventFilter(new Filters(Map.of("type", List.of("container"), "event", List.of("die"))), ApiVersion.NEWEST).matches(EXEC));
  }

  @Test
  void objectsAreFoundByNameAndByTheBeginningOfTheirId() {
    assertTrue(matches("container", "web"));
    assertTrue(matches("container", "abc"));
    assertTrue(matches("container", "we"), "the beginning of a name is enough for dockerd");
    assertFalse(matches("container", "eb"));
    assertFalse(matches("network", "web"));
  }

  @Test
  void imagesAreFoundWithAndWithoutTag() {
    assertTrue(matches("image", "example.org:5000/box:1"));
    assertTrue(matches("image", "example.org:5000/box"));
    assertFalse(matches("image", "box"));
  }

  @Test
  void labelsMustAllBeThere() {
    assertTrue(matches("label", "role"));
    assertTrue(matches("label", "role=front"));
    assertFalse(matches("label", "role=front", "other"));
  }
}
