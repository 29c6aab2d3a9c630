package dev.tallyman.event;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Facts as they happen, and their history. Listeners are called on the publishing thread and must only queue. */
public interface Events {
  /** Tells it and keeps it: it is in the history from now on, and on disk a moment later. */
  void publish(Event event);

  /** Tells those who listen now; it is not kept. For what happens all the time. */
  void mention(Event event);

  /** @return closes the subscription */
  AutoCloseable subscribe(Consumer<Event> listener);

  /** How many subscriptions there are. */
  int listeners();

  /** The last events (a bounded ring), oldest first, from the given instant on. */
  List<Event> since(Instant from);

  /**
   * Reads the history, oldest first, also that before the last start of the server. Blocks.
   *
   * @param until absent = all
   * @return the sequence of the last event that was published before the call; what follows comes to listeners
   */
  long past(Instant from, @Nullable Instant until, Reader reader) throws IOException;

  /**
   * A page of the history, newest first. Blocks.
   *
   * @param before only events with a lower sequence; {@link Long#MAX_VALUE} = from the newest on
   */
  List<Event> newest(Predicate<Event> wanted, long before, int limit);

  /** Takes one event after the other. */
  interface Reader {
    void take(Event event) throws IOException;
  }
}
