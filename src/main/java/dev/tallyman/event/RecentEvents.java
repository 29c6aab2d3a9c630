package dev.tallyman.event;

import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Events in memory: a ring of the last ones and the listeners. A restart forgets them; the audit trail is what stays. */
@Singleton
class RecentEvents implements Events {
  /** Docker keeps 256; a page that reconnects after a busy minute needs more. About 0.5 MB. */
  static final int CAPACITY = 1024;

  private static final Logger LOG = Logger.getLogger(RecentEvents.class);

  private final ArrayDeque<Event> ring = new ArrayDeque<>(CAPACITY);
  private final CopyOnWriteArrayList<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  @Override
  public void publish(Event event) {
    synchronized (ring) {
      if (ring.size() == CAPACITY) {
        ring.removeFirst();
      }
      ring.addLast(event);
    }
    mention(event);
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
  public List<Event> since(Instant from) {
    synchronized (ring) {
      return ring.stream().filter(event -> !event.at().isBefore(from)).toList();
    }
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
