package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.GarbageStore.Piece;
import dev.tallyman.index.IndexStore.RepositoryRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes away what nobody needs: blobs that no manifest has, and, if asked, manifests without a tag. Pushes go on: one repository is looked at at a time, in pieces.
 * Should a push have counted on what went, its manifest is refused and the client sends the blob again; nothing becomes visible without its parts.
 */
@ApplicationScoped
class GarbageCollection implements Garbage {
  static final String ACTION = "index.collect";

  private final GarbageStore garbage;
  private final ManifestParts parts;
  private final SharedBlobs blobs;
  private final Quotas quotas;
  private final RetentionService retention;
  private final IndexConfig config;
  private final AuditTrail audit;
  private final ReentrantLock running = new ReentrantLock();

  @Inject
  GarbageCollection(GarbageStore garbage, ManifestParts parts, SharedBlobs blobs, Quotas quotas, RetentionService retention, IndexConfig config, AuditTrail audit) {
    this.garbage = garbage;
    this.parts = parts;
    this.blobs = blobs;
    this.quotas = quotas;
    this.retention = retention;
    this.config = config;
    this.audit = audit;
  }

  @Scheduled(every = "{tallyman.index.collect-every}", delayed = "10m", identity = "index-collect", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void byItself() {
    retention.runAll();
    collect(Caller.system(1, "default"), new Wish(false, config.collectUntagged(), null));
  }

  @Override
  public Figures collect(Caller caller, Wish wish) {
    try {
      caller.require(Role.ADMINISTRATOR, "collect the garbage of the Index");
      if (!running.tryLock()) {
        throw new TallymanException(ErrorKind.CONFLICT, "cannot collect the garbage of the Index: a collection is running");
      }
    } catch (TallymanException e) {
      audit.failed(caller, ACTION, "index", e);
      throw e;
    }
    try {
      Figures figures = new Run(wish, Instant.now().minus(wish.age() == null ? config.collectAfter() : wish.age())).all();
      if (!wish.dryRun()) {
        audit.done(caller, ACTION, "index", figures.manifests() + " manifests, " + figures.blobs() + " blobs, " + figures.freedBytes() + " bytes freed");
      }
      return figures;
    } finally {
      running.unlock();
    }
  }

  /** One collection with its counts. */
  private final class Run {
    private final Wish wish;
    private final Instant before;
    private final Map<String, Long> forgotten = new HashMap<>();
    private final Map<String, Long> sizes = new HashMap<>();
    private long repositories;
    private long manifestCount;
    private long blobCount;
    private long blobBytes;

    Run(Wish wish, Instant before) {
      this.wish = wish;
      this.before = before;
    }

    Figures all() {
      List<RepositoryRow> page = garbage.repositories(0);
      while (!page.isEmpty()) {
        page.forEach(this::one);
        page = garbage.repositories(page.get(page.size() - 1).id());
      }
      return new Figures(wish.dryRun(), repositories, manifestCount, blobCount, blobBytes, forgotten.keySet().stream().filter(this::isFreed).mapToLong(sizes::get).sum());
    }

    /** A repetition finds what a full piece left over, or what hung on what went. */
    private void one(RepositoryRow repository) {
      parts.complete(repository.id());
      long before = manifestCount + blobCount;
      if (wish.dryRun()) {
        blobs.change(List.of(), () -> tryOut(repository.id()));
      } else {
        long found;
        do {
          List<String> gone = new ArrayList<>();
          found = blobs.change(gone, () -> quotas.freeing(() -> QuarkusTransaction.requiringNew().call(() -> piece(repository.id(), gone))));
        } while (found > 0);
      }
      if (manifestCount + blobCount > before) {
        repositories++;
      }
    }

    /** Does it all and takes it back. */
    private boolean tryOut(long repository) {
      QuarkusTransaction.begin();
      try {
        while (piece(repository, new ArrayList<>()) > 0) {
          // What hung on what went is found the next time.
        }
        return true;
      } finally {
        QuarkusTransaction.rollback();
      }
    }

    private long piece(long repository, List<String> gone) {
      List<Piece> manifests = wish.untagged() ? garbage.untaggedManifests(repository, before) : List.of();
      manifests.forEach(each -> garbage.removeManifest(repository, each.digest()));
      List<Piece> unnamed = garbage.unnamedBlobs(repository, before);
      unnamed.forEach(each -> garbage.removeBlob(repository, each.digest()));
      manifestCount += manifests.size();
      blobCount += unnamed.size();
      blobBytes += unnamed.stream().mapToLong(Piece::bytes).sum();
      manifests.forEach(each -> note(each, gone));
      unnamed.forEach(each -> note(each, gone));
      return manifests.size() + unnamed.size();
    }

    private void note(Piece piece, List<String> gone) {
      gone.add(piece.stored());
      forgotten.merge(piece.stored(), 1L, Long::sum);
      sizes.put(piece.stored(), piece.bytes());
    }

    private boolean isFreed(String stored) {
      long left = garbage.names(stored) - (wish.dryRun() ? forgotten.get(stored) : 0);
      return left <= 0 && !blobs.isInImage(stored);
    }
  }
}
