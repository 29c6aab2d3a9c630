package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.Uploads.Upload;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps teams within their storage. What a team keeps is each blob and manifest of its repositories, counted once however many of them have it. Refusals are DENIED.
 */
@ApplicationScoped
class Quotas {
  /** An upload that nobody has added to for this long makes room for others of its team. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  private final QuotaStore store;
  private final IndexStore index;
  private final Uploads uploads;
  private final SharedBlobs blobs;

  /** By team with a limit. Only touched inside the store's exclusive work. */
  private final Map<Long, Long> used = new ConcurrentHashMap<>();

  @Inject
  Quotas(QuotaStore store, IndexStore index, Uploads uploads, SharedBlobs blobs) {
    this.store = store;
    this.index = index;
    this.uploads = uploads;
    this.blobs = blobs;
  }

  /** Runs a transaction that keeps something, inside the store's exclusive work. */
  <T> T keeping(Supplier<T> transaction) {
    try {
      return transaction.get();
    } catch (RuntimeException e) {
      // What was admitted is not kept after all.
      used.clear();
      throw e;
    }
  }

  /** Runs a transaction that gives something up, inside the store's exclusive work. */
  <T> T freeing(Supplier<T> transaction) {
    try {
      return transaction.get();
    } finally {
      used.clear();
    }
  }

  /** Inside {@link #keeping}, before something is kept; pushes at the same time come one after the other. */
  void admit(String repository, String stored, long bytes) {
    Optional<Long> team = index.team(Address.teamOf(repository));
    Optional<Long> limit = team.flatMap(store::limit);
    if (team.isEmpty() || limit.isEmpty()) {
      team.ifPresent(used::remove);
      return;
    }
    if (store.names(team.get(), stored)) {
      return;
    }
    long before = used(team.get());
    if (bytes > limit.get() - before) {
      throw full(repository, before, limit.get(), bytes);
    }
    used.put(team.get(), before + bytes);
  }

  /**
   * Stops an upload before the disk has what cannot be kept. A blob that the team has elsewhere needs no room, and which one it is may be told at the end only: until then
   * it, and all uploads of the team together, may be as large as the limit.
   *
   * @param digest that the client gave; absent = not yet
   * @return to be asked with the upload's size before it grows to that
   */
  LongConsumer guard(Upload upload, @Nullable ContentDigest digest) {
    String team = Address.teamOf(upload.repository);
    Optional<Long> id = index.team(team);
    Optional<Long> limit = id.flatMap(store::limit);
    if (id.isEmpty() || limit.isEmpty()) {
      return size -> {};
    }
    long max = limit.get();
    boolean isNew = digest != null && digest.isSha256() && !store.names(id.get(), digest.text());
    long before = blobs.change(List.of(), () -> used(id.get()));
    long most = isNew ? max - before : max;
    return size -> {
      if (size > most) {
        throw full(upload.repository, before, max, size);
      }
      long others = uploads.underWay(team, upload);
      if (size > max - others && (uploads.giveUp(team, upload, IDLE) == 0 || size > max - uploads.underWay(team, upload))) {
        throw new IndexException(
            ErrorKind.DENIED, "DENIED",
            "cannot push to " + upload.repository + ": other uploads of the team " + team + " hold " + others + " bytes and this one needs at least " + size + ", but the team may keep " + max
                + "; push less at a time");
      }
    };
  }

  private long used(long team) {
    return used.computeIfAbsent(team, store::used);
  }

  private static IndexException full(String repository, long used, long limit, long needed) {
    return new IndexException(
        ErrorKind.DENIED, "DENIED",
        "cannot push to " + repository + ": the team " + Address.teamOf(repository) + " keeps " + used + " of the " + limit + " bytes that it may, and this needs at least " + needed
            + " more; delete images and let an administrator collect the garbage, or ask for a larger quota");
  }
}
