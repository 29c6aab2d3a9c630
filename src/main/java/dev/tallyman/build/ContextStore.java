package dev.tallyman.build;

import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.remote.Spool;
import dev.tallyman.identity.Asker;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.TarReader;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The last context of each folder that clients build from. A file of which the client tells the same as then is not sent again: its bytes are those that
 * this very account sent for this very folder, so that whoever lies about his files deceives himself only. Nothing of it outlives the server.
 */
@Singleton
class ContextStore {
  /** What df and prune call them, as BuildKit does. */
  static final String TYPE = "source.local";

  private static final Logger LOG = Logger.getLogger(ContextStore.class);
  private static final int ID_BYTES = 13;
  private static final int SHOWN_CHARACTERS = 25;
  /** What may lie there of files that were changed since, beside as much again as the context has. */
  private static final long SPARE_BYTES = 64 << 20;

  private final Spool spool;
  private final ContextLimits limits;
  private final SecureRandom random = new SecureRandom();
  /** The longest unused first. */
  private final LinkedHashMap<Place, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** Whose folder. @param where it is, as the client says; @param folder its name in the build */
  record Place(Asker asker, long team, String where, String folder) {
    static @Nullable Place of(Caller caller, ClientFiles files, String folder) {
      String where = files.place(folder);
      return where.isEmpty() ? null : new Place(caller.asker(), caller.team(), where, folder);
    }
  }

  /** @param index where it is in the file; @param fileBytes of the context's files, which is less than the file has */
  private record Kept(String id, Slices slices, long index, long indexBytes, long fileBytes, Instant createdAt, Instant usedAt, int uses) {
    boolean isWasteful() {
      return slices.bytes() > 2 * fileBytes + indexBytes + SPARE_BYTES;
    }

    Kept used() {
      return new Kept(id, slices, index, indexBytes, fileBytes, createdAt, Instant.now(), uses + 1);
    }

    CachedStep shown(String folder) {
      return new CachedStep(id, "", "local source for " + folder, slices.bytes(), createdAt, usedAt, uses, slices.uses() > 1, TYPE);
    }
  }

  @Inject
  ContextStore(@ConfigProperty(name = "tallyman.state", defaultValue = "/var/lib/tallyman") Path state, ContextLimits limits) {
    this.spool = new Spool(state);
    this.limits = limits;
  }

  /** @param place absent: nothing is known of it, and nothing kept */
  Transfer begin(@Nullable Place place) {
    Kept found = place == null ? null : use(place);
    if (found == null) {
      return new Transfer(place, new Slices(spool.file()), null, new ContextIndex());
    }
    boolean isBegun = false;
    try {
      ContextIndex before = ContextIndex.read(found.slices, found.index, found.indexBytes);
      Transfer transfer = found.isWasteful() ? new Transfer(place, new Slices(spool.file()), found.slices, before) : new Transfer(place, found.slices, null, before);
      isBegun = true;
      return transfer;
    } catch (IOException e) {
      LOG.errorf(e, "what was kept of a context cannot be read");
      forget(List.of(found.id));
      return new Transfer(place, new Slices(spool.file()), null, new ContextIndex());
    } finally {
      if (!isBegun) {
        found.slices.release();
      }
    }
  }

  private synchronized @Nullable Kept use(Place place) {
    Kept found = kept.get(place);
    if (found == null) {
      return null;
    }
    if (!found.slices.share()) {
      kept.remove(place);
      return null;
    }
    kept.put(place, found.used());
    return found;
  }

  /** One transfer: what the client need not send, and where the rest goes. */
  final class Transfer implements AutoCloseable {
    private final @Nullable Place place;
    private final Slices slices;
    private final @Nullable Slices older;
    private final ContextIndex before;
    private final ContextIndex after = new ContextIndex();
    private boolean isWhole;

    /** @param older where what was kept is, when it is to be copied; absent: it is in {@code slices}, too */
    private Transfer(@Nullable Place place, Slices slices, @Nullable Slices older, ContextIndex before) {
      this.place = place;
      this.slices = slices;
      this.older = older;
      this.before = before;
    }

    Slices slices() {
      return slices;
    }

    /** What is there of a file already; absent: it must be sent. @param nanos time of change since 1970 */
    ContextIndex.@Nullable File unchanged(TarReader.Entry entry, long nanos) throws IOException {
      ContextIndex.File known = before.take(entry.name());
      if (known == null || !known.isOf(entry, nanos)) {
        return null;
      }
      ContextIndex.File here = older == null ? known : known.at(slices.copy(older, known.offset(), known.size()));
      after.put(entry.name(), here);
      return here;
    }

    /** All bytes of a file have come. */
    void came(String path, ContextIndex.File file) {
      if (place != null) {
        after.put(path, file);
      }
    }

    /** All files have come: they are what the next transfer starts from. @param asked for: what is known of others stays; none = all of the folder */
    void keep(List<String> asked) {
      isWhole = true;
      if (place != null) {
        if (!asked.isEmpty() && older == null) {
          before.forget(asked);
          after.addRest(before, Math.min(limits.keptTeamMax().asLongValue(), limits.keptMax().asLongValue()) / 2);
        }
        ContextStore.this.keep(place, slices, after);
      }
    }

    @Override
    public void close() {
      slices.release();
      if (older != null) {
        older.release();
      }
      if (!isWhole) {
        // What a client sends time and again without an end would else pile up in it.
        remove((each, is) -> each.equals(place) && is.slices == slices && is.isWasteful());
      }
    }
  }

  private void keep(Place place, Slices slices, ContextIndex after) {
    try {
      long length = after.length();
      if (!after.isUsable() || after.fileBytes() + length > Math.min(limits.keptTeamMax().asLongValue(), limits.keptMax().asLongValue())) {
        remove((each, is) -> each.equals(place));
        return;
      }
      long at = slices.place(length);
      after.write(slices.output(at));
      put(place, new Kept(newId(), slices, at, length, after.fileBytes(), Instant.now(), Instant.now(), 1));
    } catch (IOException e) {
      LOG.errorf("a context is not kept: %s", e.getMessage());
      remove((each, is) -> each.equals(place));
    }
  }

  private synchronized void put(Place place, Kept fresh) {
    if (!fresh.slices.share()) {
      return;
    }
    Kept before = kept.get(place);
    kept.put(place, before == null ? fresh : new Kept(before.id, fresh.slices, fresh.index, fresh.indexBytes, fresh.fileBytes, before.createdAt, before.usedAt, before.uses));
    if (before != null) {
      before.slices.release();
    }
    makeRoom(place.team());
  }

  private synchronized void makeRoom(long team) {
    while (bytes(place -> place.team() == team) > limits.keptTeamMax().asLongValue()) {
      removeOldest(place -> place.team() == team);
    }
    long free = spool.freeBytes();
    while (kept.size() > limits.keptCountMax() || bytes(place -> true) > Math.min(limits.keptMax().asLongValue(), free)) {
      removeOldest(place -> true);
    }
  }

  private synchronized long bytes(Predicate<Place> which) {
    return kept.entrySet().stream().filter(each -> which.test(each.getKey())).mapToLong(each -> each.getValue().slices.bytes()).sum();
  }

  private synchronized void removeOldest(Predicate<Place> which) {
    kept.keySet().stream().filter(which).findFirst().ifPresent(oldest -> remove((each, is) -> each.equals(oldest)));
  }

  private interface Which {
    boolean test(@Nullable Place place, Kept is);
  }

  private synchronized List<Kept> remove(Which which) {
    List<Kept> gone = new ArrayList<>();
    kept.entrySet().removeIf(each -> which.test(each.getKey(), each.getValue()) && gone.add(each.getValue()));
    gone.forEach(each -> each.slices.release());
    return gone;
  }

  private void forget(List<String> ids) {
    remove((place, is) -> ids.contains(is.id));
  }

  @Scheduled(every = "1h", delayed = "1h")
  void forgetUnused() {
    Instant last = Instant.now().minus(limits.keptAge());
    remove((place, is) -> is.usedAt.isBefore(last));
  }

  private String newId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes).substring(0, SHOWN_CHARACTERS);
  }

  /** Of the caller's team. */
  synchronized List<CachedStep> list(Caller caller) {
    List<CachedStep> shown = new ArrayList<>();
    for (Map.Entry<Place, Kept> each : kept.entrySet()) {
      if (each.getKey().team() == caller.team()) {
        shown.add(each.getValue().shown(each.getKey().folder()));
      }
    }
    return shown;
  }

  /** Forgets those of the team that no build uses now, the longest unused first. @param keepBytes of them to keep; 0 = none */
  synchronized Builds.Pruned prune(Caller caller, Instant usedBefore, long keepBytes, Predicate<String> meant) {
    List<String> ids = new ArrayList<>();
    long left = bytes(place -> place.team() == caller.team());
    long reclaimed = 0;
    for (CachedStep each : list(caller)) {
      boolean isKept = !meant.test(each.id()) || each.isInUse() || each.lastUsedAt().isAfter(usedBefore) || (keepBytes > 0 && left <= keepBytes);
      if (!isKept) {
        ids.add(each.id());
        left -= each.bytes();
        reclaimed += each.bytes();
      }
    }
    forget(ids);
    return new Builds.Pruned(ids, reclaimed);
  }
}
