package dev.tallyman.build.remote;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
  private final Turns turns = new Turns(2);

  private static final class Tired extends RuntimeException {}

  private void enter(long team) {
    try {
      turns.enter(team, () -> {
        throw new Tired();
      });
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aTeamHasOneAndAllTogetherTwo() {
    enter(1);
    assertThrows(Tired.class, () -> enter(1));
    enter(2);
    assertThrows(Tired.class, () -> enter(3));
    turns.leave(1);
    assertThrows(Tired.class, () -> enter(2));
    enter(3);
  }

  @Test
  void whoeverWaitsIsLetInWhenAnotherLeaves() throws Exception {
    enter(1);
    CountDownLatch waits = new CountDownLatch(1);
    CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
      try {
        turns.enter(1, waits::countDown);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    assertTrue(waits.await(30, TimeUnit.SECONDS));
    assertFalse(second.isDone());
    turns.leave(1);
    second.get(30, TimeUnit.SECONDS);
    assertThrows(Tired.class, () -> enter(1));
  }
}
