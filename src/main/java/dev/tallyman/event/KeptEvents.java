package dev.tallyman.event;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Events: a ring of the last ones in memory, the journal with all of them, and the listeners. */
@Singleton
class KeptEvents implements Events {
  /** Docker keeps 256; a page that reconnects after a busy minute needs more. About 0.5 MB. */
  static final int CAPACITY = 1024;

  private static final Logger LOG = Logger.getLogger(KeptEvents.class);
  /** Events that are looked at for one page at most. */
  private static final int MAX_LOOKED_AT = 20_000;

  private final ArrayDeque<Event> ring = new ArrayDeque<>(CAPACITY);
  private final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final EventJournal journal;
  private long sequence;
  private boolean isBegun;

  @Inject
  KeptEvents(EventJournal journal) {
    this.journal = journal;
  }

  @Override
  public void publish(Event event) {
    Event kept;
    synchronized (ring) {
      kept = event.numbered(next());
      if (ring.size() == CAPACITY) {
        ring.removeFirst();
      }
      ring.addLast(kept);
      journal.add(kept);
    }
    mention(kept);
  }

  /** Goes on from the last number before the last start. */
  private long next() {
    if (!isBegun) {
      sequence = journal.last();
      isBegun = true;
    }
    return ++sequence;
  }

  @Override
  public void mention(Event event) {
    for (Subscription subscription : subscriptions) {
      subscription.tell(event);
    }
  }

  @Override
  public AutoCloseable subscribe(Consumer<Event> listener) {
    Subscription subscription = new Subscription(listener);
    subscriptions.add(subscription);
    return () -> subscriptions.remove(subscription);
  }

  @Override
  public int listeners() {
    return subscriptions.size();
  }

  @Override
  public List<Event> since(Instant from) {
    synchronized (ring) {
      return ring.stream().filter(event -> !event.at().isBefore(from)).toList();
    }
  }

  private List<Event> ring() {
    synchronized (ring) {
      return List.copyOf(ring);
    }
  }

  @Override
  public long past(Instant from, @Nullable Instant until, Reader reader) throws IOException {
    List<Event> recent = ring();
    long below = recent.isEmpty() ? Long.MAX_VALUE : recent.get(0).sequence();
    if (recent.isEmpty() || !recent.get(0).at().isBefore(from)) {
      readJournal(from, until, below, reader);
    }
    for (Event each : recent) {
      if (!each.at().isBefore(from) && (until == null || !each.at().isAfter(until))) {
        reader.take(each);
      }
    }
    return recent.isEmpty() ? 0 : recent.get(recent.size() - 1).sequence();
  }

  private void readJournal(Instant from, @Nullable Instant until, long below, Reader reader) throws IOException {
    // The ring may have let go of events that wait for the disk still.
    journal.flush();
    long after = 0;
    List<Event> page;
    while (!(page = journal.page(from, until, after, below)).isEmpty()) {
      for (Event each : page) {
        reader.take(each);
      }
      after = page.get(page.size() - 1).sequence();
    }
  }

  @Override
  public List<Event> newest(Predicate<Event> wanted, long before, int limit) {
    journal.flush();
    List<Event> found = new ArrayList<>();
    long below = before;
    List<Event> page;
    for (int looked = 0; looked < MAX_LOOKED_AT && !(page = journal.newest(below)).isEmpty(); looked += page.size()) {
      for (Event each : page) {
        if (wanted.test(each)) {
          found.add(each);
          if (found.size() == limit) {
            return found;
          }
        }
      }
      below = page.get(page.size() - 1).sequence();
    }
    return found;
  }

  /** One object for each subscription, so that the same listener can subscribe twice. */
  private static final class Subscription {
    private final Consumer<Event> listener;

    Subscription(Consumer<Event> listener) {
      this.listener = listener;
    }

    void tell(Event event) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        // A broken listener must not break what it listens to.
        LOG.error("a listener failed on event " + event.type() + " " + event.action(), e);
      }
    }
  }
}
