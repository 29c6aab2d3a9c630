package dev.tallyman.audit;

import dev.tallyman.audit.AuditStore.Stored;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Walks the chain from its first row, in pieces, and compares it with what the helper's root-owned log remembers. */
@Singleton
class AuditVerification {
  private static final int PIECE = 1000;
  private final AuditStore store;
  private final AuditAnchor anchor;

  @Inject
  AuditVerification(AuditStore store, AuditAnchor anchor) {
    this.store = store;
    this.anchor = anchor;
  }

  Optional<String> fault() {
    Optional<String> broken = brokenLink();
    return broken.isPresent() ? broken : anchor.fault();
  }

  private Optional<String> brokenLink() {
    Link end = Link.START;
    List<Stored> piece = store.after(0, PIECE);
    while (!piece.isEmpty()) {
      for (Stored stored : piece) {
        if (stored.link().id() != end.id() + 1) {
          return Optional.of("rows " + (end.id() + 1) + " to " + (stored.link().id() - 1) + " of the audit trail are missing");
        }
        Link expected = end.next(stored.row());
        if (!expected.hash().equals(stored.link().hash())) {
          return Optional.of("row " + stored.link().id() + " of the audit trail was changed, or a row before it");
        }
        end = expected;
      }
      piece = store.after(end.id(), PIECE);
    }
    return Optional.empty();
  }
}
