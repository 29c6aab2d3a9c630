package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** The same pull asked for by several clients at once is done once; each sees how it goes. It ends when its last client has left. */
@Singleton
class SharedPulls {
  /** What makes two pulls the same. The log-in is part of it: rights differ. */
  record Key(long team, String name, Platform platform, Login login) {}

  private final Map<Key, Running> running = new LinkedHashMap<>();

  /** @param isFirst false for one that joined */
  record Outcome(Images.Image image, boolean isFirst) {}

  /** Blocks until it is done. */
  Outcome run(Key key, TransferProgress progress, Function<TransferProgress, Images.Image> work) {
    Running mine = new Running();
    Running shared;
    synchronized (running) {
      shared = running.computeIfAbsent(key, absent -> mine);
    }
    shared.join(progress);
    if (shared != mine) {
      return new Outcome(shared.await(), false);
    }
    try {
      mine.image.complete(work.apply(mine));
    } catch (RuntimeException | Error e) {
      mine.image.completeExceptionally(e);
    } finally {
      synchronized (running) {
        running.remove(key);
      }
    }
    return new Outcome(mine.await(), true);
  }

  private static final class Running implements TransferProgress {
    private final CompletableFuture<Images.Image> image = new CompletableFuture<>();
    private final List<TransferProgress> listeners = new ArrayList<>();
    /** Last status of each id, for those who come later. */
    private final Map<String, String> statuses = new LinkedHashMap<>();

    Images.Image await() {
      try {
        return image.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException known ? known : new TallymanException(ErrorKind.INTERNAL, "the pull failed", e.getCause());
      }
    }

    synchronized void join(TransferProgress progress) {
      listeners.add(progress);
      statuses.forEach(progress::status);
    }

    private synchronized void tell(java.util.function.Consumer<TransferProgress> message) {
      RuntimeException last = null;
      for (TransferProgress each : List.copyOf(listeners)) {
        try {
          message.accept(each);
        } catch (RuntimeException e) {
          // This client is gone; the others are not.
          listeners.remove(each);
          last = e;
        }
      }
      if (last != null && listeners.isEmpty()) {
        throw last;
      }
    }

    @Override
    public void line(String text) {
      tell(each -> each.line(text));
    }

    @Override
    public synchronized void status(String id, String status) {
      statuses.put(id, status);
      tell(each -> each.status(id, status));
    }

    @Override
    public void bytes(String id, String status, long current, long total) {
      tell(each -> each.bytes(id, status, current, total));
    }
  }
}
