package dev.tallyman.build;

import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.dockerfile.RunMount.Sharing;
import dev.tallyman.kernel.VolumeFolders;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The folders behind {@code RUN --mount=type=cache}: who may use one at the same time as whom. */
@Singleton
class CacheMounts {
  /** What df and prune call them, as BuildKit does. */
  static final String TYPE = "exec.cachemount";

  private static final int ID_BYTES = 32;
  private static final int SHOWN_CHARACTERS = 25;

  private final FolderStore store;
  private final VolumeFolders folders;
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Map<String, Use> uses = new HashMap<>();

  /** @param isBeingMade nobody knows yet what will be in it */
  private record Use(int users, boolean isExclusive, boolean isBeingMade) {}

  private record Choice(String id, boolean isNew) {}

  @Inject
  CacheMounts(FolderStore store, VolumeFolders folders) {
    this.store = store;
    this.folders = folders;
  }

  /**
   * Waits for a locked one; of a private one that is in use another is made.
   *
   * @param cache what tells the team's caches apart, hex
   * @param maker gives a new one, named by its id, its first content
   * @return the folder's id; give it back with {@link #release}
   */
  String take(long team, String cache, Sharing sharing, String description, Cancellation cancellation, Consumer<String> maker) {
    Choice choice = choose(team, cache, sharing, description, cancellation);
    if (choice.isNew()) {
      make(choice.id(), sharing, maker);
    }
    store.used(choice.id());
    return choice.id();
  }

  @SuppressWarnings("try") // registered is there to be closed
  private Choice choose(long team, String cache, Sharing sharing, String description, Cancellation cancellation) {
    try (Cancellation.Registration registered = cancellation.on(this::wake)) {
      lock.lock();
      try {
        while (true) {
          cancellation.check();
          List<FolderStore.Row> rows = store.caches(team, cache);
          for (FolderStore.Row row : rows) {
            Use use = uses.get(row.id());
            if (use == null || (sharing == Sharing.SHARED && !use.isExclusive())) {
              uses.put(row.id(), new Use(use == null ? 1 : use.users() + 1, sharing != Sharing.SHARED, false));
              return new Choice(row.id(), false);
            }
          }
          boolean isMade = rows.stream().map(row -> uses.get(row.id())).anyMatch(use -> use != null && use.isBeingMade());
          if (rows.isEmpty() || sharing == Sharing.PRIVATE || (sharing == Sharing.SHARED && !isMade)) {
            return created(team, cache, description);
          }
          released.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private Choice created(long team, String cache, String description) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    store.add(id, team, null, cache, description);
    uses.put(id, new Use(1, true, true));
    return new Choice(id, true);
  }

  private void make(String id, Sharing sharing, Consumer<String> maker) {
    boolean isMade = false;
    try {
      maker.accept(id);
      isMade = true;
    } finally {
      if (isMade) {
        change(id, new Use(1, sharing != Sharing.SHARED, false));
      } else {
        store.delete(id);
        change(id, null);
        folders.remove(id);
      }
    }
  }

  private void change(String id, @Nullable Use use) {
    lock.lock();
    try {
      uses.compute(id, (same, before) -> use);
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void release(String id) {
    lock.lock();
    try {
      uses.computeIfPresent(id, (same, use) -> use.users() <= 1 ? null : new Use(use.users() - 1, use.isExclusive(), false));
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Of the caller's team. */
  List<CachedStep> list(Caller caller) {
    List<CachedStep> shown = new ArrayList<>();
    for (FolderStore.Row row : store.caches(caller.team())) {
      shown.add(0, new CachedStep(row.id().substring(0, SHOWN_CHARACTERS), "", row.description(), folders.size(row.id()).bytes(), row.createdAt(), row.usedAt(), row.uses(), isUsed(row.id()), TYPE));
    }
    return shown;
  }

  private boolean isUsed(String id) {
    lock.lock();
    try {
      return uses.containsKey(id);
    } finally {
      lock.unlock();
    }
  }

  /** Removes those that no command uses now, the longest unused first. @param keepBytes of them to keep; 0 = none */
  Builds.Pruned prune(Caller caller, Instant usedBefore, long keepBytes, Predicate<String> meant) {
    List<String> ids = new ArrayList<>();
    Map<String, Long> sizes = new HashMap<>();
    List<FolderStore.Row> rows = store.caches(caller.team());
    rows.forEach(row -> sizes.put(row.id(), folders.size(row.id()).bytes()));
    long left = sizes.values().stream().mapToLong(Long::longValue).sum();
    long reclaimed = 0;
    for (FolderStore.Row row : rows) {
      boolean isKept = !meant.test(row.id().substring(0, SHOWN_CHARACTERS)) || row.usedAt().isAfter(usedBefore) || (keepBytes > 0 && left <= keepBytes);
      if (!isKept && remove(row.id())) {
        long bytes = sizes.getOrDefault(row.id(), 0L);
        ids.add(row.id().substring(0, SHOWN_CHARACTERS));
        left -= bytes;
        reclaimed += bytes;
      }
    }
    return new Builds.Pruned(ids, reclaimed);
  }

  /** Folder first: a row without one is found at the next start, a folder without a row is an orphan. */
  private boolean remove(String id) {
    lock.lock();
    try {
      if (uses.containsKey(id)) {
        return false;
      }
      folders.remove(id);
      store.delete(id);
      return true;
    } finally {
      lock.unlock();
    }
  }
}
