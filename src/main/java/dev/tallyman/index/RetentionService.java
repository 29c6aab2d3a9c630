package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.IndexStore.RepositoryRow;
import dev.tallyman.index.RetentionStore.Loose;
import dev.tallyman.index.RetentionStore.TagRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes away tags that a repository's retention rule does not keep, and manifests that are left without a tag by it, with the parts of indexes and what is about them.
 * Immutable tags stay. Pushes go on: what is decided and done in one piece holds the store of blobs exclusively.
 */
@ApplicationScoped
class RetentionService implements RetentionRuns {
  static final String ACTION = "index.retain";

  /** So that their names fit into one row of the trail. */
  private static final int TAGS_AT_ONCE = 25;

  private static final int MAX_SHOWN = 1000;
  private static final Logger LOG = Logger.getLogger(RetentionService.class);

  private final RetentionStore store;
  private final RuleStore rules;
  private final IndexStore index;
  private final IndexRights rights;
  private final ManifestParts parts;
  private final SharedBlobs blobs;
  private final Quotas quotas;
  private final AuditTrail audit;

  @Inject
  RetentionService(RetentionStore store, RuleStore rules, IndexStore index, IndexRights rights, ManifestParts parts, SharedBlobs blobs, Quotas quotas, AuditTrail audit) {
    this.store = store;
    this.rules = rules;
    this.index = index;
    this.rights = rights;
    this.parts = parts;
    this.blobs = blobs;
    this.quotas = quotas;
    this.audit = audit;
  }

  @Override
  public Outcome run(Caller caller, String name, boolean dryRun, @Nullable RetentionRule rule) {
    Retention tried = rule == null ? null : rule.parsed();
    Visitor visitor = Visitor.known(caller);
    RepositoryRow row = rights.readable(visitor, name, ACTION);
    rights.requireChange(visitor, name, ACTION, "delete");
    try {
      if (tried != null && !dryRun) {
        throw IndexException.invalid("UNSUPPORTED", "cannot clean up " + name + ": a rule can be tried out with dryRun only; make it the repository's first");
      }
      if (tried == null && rules.rules(row.id()).retention() == null) {
        throw new TallymanException(ErrorKind.CONFLICT, "cannot clean up " + name + ": it has no retention rule");
      }
      return new Run(caller, row, dryRun, tried).all();
    } catch (TallymanException e) {
      audit.failed(caller, ACTION, name, e);
      throw e;
    }
  }

  /** What the schedule does: every repository with a rule. What fails in one leaves the others. */
  void runAll() {
    List<RepositoryRow> page = store.withRules(0);
    while (!page.isEmpty()) {
      for (RepositoryRow row : page) {
        try {
          if (rules.rules(row.id()).retention() != null) {
            new Run(Caller.system(row.team(), Address.teamOf(row.name())), row, false, null).all();
          }
        } catch (RuntimeException e) {
          LOG.errorf(e, "the retention rule of %s could not be followed", row.name());
        }
      }
      page = store.withRules(page.get(page.size() - 1).id());
    }
  }

  /** One repository's with its counts. */
  private final class Run {
    private final Caller caller;
    private final RepositoryRow repository;
    private final boolean dryRun;
    private final @Nullable Retention tried;
    private final Instant now = Instant.now();
    private final List<Going> gone = new ArrayList<>();
    private long kept;
    private long removed;
    private long manifests;

    Run(Caller caller, RepositoryRow repository, boolean dryRun, @Nullable Retention tried) {
      this.caller = caller;
      this.repository = repository;
      this.dryRun = dryRun;
      this.tried = tried;
    }

    Outcome all() {
      parts.complete(repository.id());
      if (dryRun) {
        blobs.change(List.of(), this::tryOut);
      } else {
        long found;
        do {
          List<String> forgotten = new ArrayList<>();
          found = blobs.change(forgotten, () -> quotas.freeing(() -> QuarkusTransaction.requiringNew().call(() -> piece(forgotten))));
        } while (found > 0);
      }
      return new Outcome(repository.name(), dryRun, kept, removed, manifests, gone);
    }

    /** Does it all and takes it back. */
    private boolean tryOut() {
      QuarkusTransaction.begin();
      try {
        while (piece(new ArrayList<>()) > 0) {
          // The next tags.
        }
        return true;
      } finally {
        QuarkusTransaction.rollback();
      }
    }

    private long piece(List<String> forgotten) {
      Rules laidDown = rules.rules(repository.id());
      Retention retention = tried == null ? laidDown.retention() : tried;
      if (retention == null) {
        return 0;
      }
      List<TagRow> all = store.tags(repository.id());
      List<TagRow> going = new ArrayList<>();
      for (int rank = 0; rank < all.size() && going.size() < TAGS_AT_ONCE; rank++) {
        TagRow tag = all.get(rank);
        Optional<String> why = laidDown.immutableTags().matches(tag.name()) ? Optional.empty() : retention.reason(tag.name(), rank, tag.pushedAt(), tag.pulledAt(), now);
        if (why.isPresent()) {
          going.add(tag);
          if (gone.size() < MAX_SHOWN) {
            gone.add(new Going(tag.name(), tag.digest(), tag.pushedAt(), tag.pulledAt(), why.get()));
          }
        }
      }
      kept = all.size() - going.size();
      removed += going.size();
      going.forEach(each -> index.removeTag(repository.id(), each.name()));
      long without = removeLoose(going, forgotten);
      manifests += without;
      if (!dryRun && !going.isEmpty()) {
        audit.done(caller, ACTION, repository.name(), "tags " + String.join(", ", going.stream().map(TagRow::name).toList()) + "; " + without + " manifests");
      }
      return going.size();
    }

    private long removeLoose(List<TagRow> going, List<String> forgotten) {
      Deque<Long> open = new ArrayDeque<>(going.stream().map(TagRow::manifest).distinct().toList());
      long count = 0;
      while (!open.isEmpty()) {
        long manifest = open.remove();
        Optional<Loose> loose = store.loose(repository.id(), manifest);
        if (loose.isPresent()) {
          List<Long> around = store.around(repository.id(), manifest, loose.get().digest());
          index.removeManifest(manifest);
          forgotten.add(loose.get().stored());
          open.addAll(around);
          count++;
        }
      }
      return count;
    }
  }
}
