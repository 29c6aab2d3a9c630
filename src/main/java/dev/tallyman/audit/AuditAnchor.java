package dev.tallyman.audit;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.KernelProbe;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Copies the end of the chain into the helper's log, which this server cannot rewrite. A chain that was replaced as a whole, or cut at
 * its end, is found out because it no longer holds the row that was copied last.
 */
@ApplicationScoped
class AuditAnchor {
  static final String ACTION = "audit.anchor";
  private static final Logger LOG = Logger.getLogger("dev.tallyman.audit");
  private static final Pattern ANCHOR = Pattern.compile("(\\d{1,18}) ([0-9a-f]{64})");

  private final AuditStore store;
  private final KernelProbe kernel;
  private final PendingRows pending;
  private @Nullable Link copied;

  @Inject
  AuditAnchor(AuditStore store, KernelProbe kernel, PendingRows pending) {
    this.store = store;
    this.kernel = kernel;
    this.pending = pending;
  }

  /** Copies the end of the chain, if it moved, after a look at the copy before it. A mismatch becomes a row of the trail that stays. */
  @Scheduled(every = "{tallyman.audit.anchor-every}", identity = "audit-anchor", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  synchronized void copy() {
    Link end = store.head();
    if (end.equals(copied) || end.id() == 0) {
      return;
    }
    Optional<String> before;
    try {
      before = kernel.anchor(end.id() + " " + end.hash());
    } catch (TallymanException e) {
      LOG.warnf("the end of the audit trail could not be copied into the helper's log: %s", e.getMessage());
      return;
    }
    copied = end;
    before.flatMap(this::mismatch).ifPresent(this::report);
  }

  /** What earlier copies have shown, and the present one. */
  Optional<String> fault() {
    copy();
    return store.hasRow(ACTION, "failed") ? Optional.of("the audit trail once did not match the helper's log; see the rows with action " + ACTION) : Optional.empty();
  }

  private Optional<String> mismatch(String text) {
    Matcher anchor = ANCHOR.matcher(text.strip());
    if (!anchor.matches()) {
      return Optional.empty();
    }
    long id = Long.parseLong(anchor.group(1));
    String hash = store.hashOf(id).orElse("nothing");
    return hash.equals(anchor.group(2))
        ? Optional.empty()
        : Optional.of("the helper's log has row " + id + " with hash " + anchor.group(2) + ", the inventory has " + hash);
  }

  private void report(String mismatch) {
    LOG.errorf("the audit trail was tampered with, or an old copy of it was put back: %s", mismatch);
    Draft row = Draft.of(Instant.now(), Caller.system(1, "default"), ACTION, "audit", "failed", mismatch);
    QuarkusTransaction.requiringNew().run(() -> pending.add(row));
  }
}
