package dev.tallyman.account;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditLockOrderTest {
  @Inject TestAccounts accounts;
  @Inject AccountRepository repository;
  @Inject AuditTrail audit;

  /** One holds the row and then wants the trail; with the trail locked before the row, the other would hold it and want the row. */
  @Test
  void changesOfOneRowNeverBlockEachOther() throws Exception {
    Caller admin = accounts.admin();
    long id = accounts.caller(Role.VIEWER).account();
    CountDownLatch holdsRow = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);

    Future<?> early = threads.submit(() -> QuarkusTransaction.requiringNew().run(() -> holdRow(admin, id, holdsRow)));
    Future<?> late = threads.submit(() -> QuarkusTransaction.requiringNew().run(() -> changeAtCommit(admin, id, holdsRow)));

    early.get(5, TimeUnit.SECONDS);
    late.get(5, TimeUnit.SECONDS);
    threads.shutdown();
    assertEquals(Optional.empty(), audit.verify(admin));
  }

  private void holdRow(Caller admin, long id, CountDownLatch holdsRow) {
    audit.done(admin, "test.order", Long.toString(id), "early");
    repository.findById(id).createdAt = Instant.EPOCH;
    repository.flush();
    holdsRow.countDown();
    LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
  }

  private void changeAtCommit(Caller admin, long id, CountDownLatch holdsRow) {
    await(holdsRow);
    audit.done(admin, "test.order", Long.toString(id), "late");
    repository.findById(id).createdAt = Instant.EPOCH.plusSeconds(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
