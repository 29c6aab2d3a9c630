package dev.tallyman.event;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Live facts. Listeners are called on the publishing thread and must only queue. */
public interface Events {
  void publish(Event event);

  /** Tells those who listen now; it is not kept. For what happens all the time. */
  void mention(Event event);

  /** @return closes the subscription */
  AutoCloseable subscribe(Consumer<Event> listener);

  /** The last events (a bounded ring), oldest first, from the given instant on. */
  List<Event> since(Instant from);
}
