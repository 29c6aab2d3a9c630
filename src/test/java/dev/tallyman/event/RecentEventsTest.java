package dev.tallyman.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentEventsTest {
  private final RecentEvents events = new RecentEvents();

  @Test
  void keepsTheLastOnesInOrder() {
    for (int i = 0; i < RecentEvents.CAPACITY + 10; i++) {
      events.publish(event(i));
    }

    List<Event> kept = events.since(Instant.EPOCH);

    assertEquals(RecentEvents.CAPACITY, kept.size());
    assertEquals("10", kept.get(0).id());
    assertEquals(4, events.since(Instant.ofEpochSecond(RecentEvents.CAPACITY + 6)).size());
  }

  @Test
  void tellsListenersUntilTheyClose() throws Exception {
    List<Event> heard = new ArrayList<>();
    events.subscribe(event -> {
      throw new IllegalStateException("broken listener");
    });
    AutoCloseable subscription = events.subscribe(heard::add);

    events.publish(event(1));
    subscription.close();
    events.publish(event(2));

    assertEquals(List.of(event(1)), heard);
  }

  private static Event event(int number) {
    return new Event("container", "start", Integer.toString(number), 1, Map.of("name", "web"), Instant.ofEpochSecond(number));
  }
}
