package dev.tallyman.account;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.Supplier;

/** A change of accounts: one transaction with its row in the trail, a row of its own when it fails, and an empty memory afterwards. */
@Singleton
class AuditedWork {
  private final AuditTrail audit;
  private final CredentialMemory memory;

  @Inject
  AuditedWork(AuditTrail audit, CredentialMemory memory) {
    this.audit = audit;
    this.memory = memory;
  }

  /** @param detail of the row when it is done; never holds a secret */
  <T> T run(Caller caller, String action, String object, String detail, Supplier<T> change) {
    try {
      T result =
          QuarkusTransaction.requiringNew()
              .call(
                  () -> {
                    T changed = change.get();
                    audit.done(caller, action, object, detail);
                    return changed;
                  });
      memory.forgetAll();
      return result;
    } catch (RuntimeException e) {
      RuntimeException known = java.util.Objects.requireNonNullElse(dev.tallyman.web.Failures.known(e), e);
      audit.failed(caller, action, object, known);
      throw known;
    }
  }

  void failed(Caller caller, String action, String object, RuntimeException why) {
    audit.failed(caller, action, object, why);
  }
}
