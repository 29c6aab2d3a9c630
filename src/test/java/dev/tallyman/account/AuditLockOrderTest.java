package dev.tallyman.account;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditLockOrderTest {
  @Inject TestAccounts accounts;
  @Inject AccountRepository repository;
  @Inject AuditTrail audit;

  /** Half of the changes take the row's lock early, half at their commit: with the trail locked before the row they would block each other. */
  @Test
  void changesOfOneRowNeverBlockEachOther() throws Exception {
    Caller admin = accounts.admin();
    long id = accounts.caller(Role.VIEWER).account();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<Object>> changes = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      boolean isEarly = i % 2 == 0;
      changes.add(Executors.callable(() -> QuarkusTransaction.requiringNew().run(() -> change(admin, id, isEarly))));
    }

    List<Future<Object>> done = threads.invokeAll(changes, 5, TimeUnit.SECONDS);

    for (Future<Object> one : done) {
      one.get();
    }
    threads.shutdown();
    assertEquals(Optional.empty(), audit.verify(admin));
  }

  private void change(Caller admin, long id, boolean isEarly) {
    audit.done(admin, "test.order", Long.toString(id), "");
    repository.findById(id).createdAt = Instant.now();
    if (isEarly) {
      repository.flush();
    }
  }
}
