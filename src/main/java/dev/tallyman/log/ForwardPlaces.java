package dev.tallyman.log;

import dev.tallyman.container.WaitingThreads;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** How far each container's output was forwarded: in memory at once, on disk a second later, all that moved in one commit. */
@Singleton
class ForwardPlaces {
  private static final Logger LOG = Logger.getLogger(ForwardPlaces.class);
  private static final Duration SAVE_AFTER = Duration.ofSeconds(1);

  private final ForwardStore store;
  private final WaitingThreads threads;
  private final Map<String, ForwardPlace> places = new HashMap<>();
  private final Map<String, ForwardPlace> unsaved = new HashMap<>();
  private boolean isDue;

  @Inject
  ForwardPlaces(ForwardStore store, WaitingThreads threads) {
    this.store = store;
    this.threads = threads;
  }

  void load() {
    store.forgetRemoved();
    Map<String, ForwardPlace> found = store.all();
    synchronized (this) {
      places.putAll(found);
    }
  }

  synchronized @Nullable ForwardPlace get(String container) {
    return places.get(container);
  }

  synchronized void set(String container, ForwardPlace place) {
    places.put(container, place);
    unsaved.put(container, place);
    if (!isDue) {
      isDue = true;
      threads.after(SAVE_AFTER, this::save);
    }
  }

  synchronized void forget(String container) {
    places.remove(container);
    unsaved.remove(container);
  }

  /** Should it fail, what was forwarded since is forwarded again by the next server, unless a later commit works. */
  void save() {
    Map<String, ForwardPlace> moved;
    synchronized (this) {
      isDue = false;
      moved = new HashMap<>(unsaved);
      unsaved.clear();
    }
    if (moved.isEmpty()) {
      return;
    }
    try {
      store.save(moved);
    } catch (RuntimeException e) {
      LOG.errorf("how far output was forwarded could not be stored: %s", e.getMessage());
      synchronized (this) {
        moved.forEach(unsaved::putIfAbsent);
      }
    }
  }
}
