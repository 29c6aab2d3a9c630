package dev.tallyman.engine.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WindowTest {
  private static final int MEBIBYTE = 1 << 20;
  private final Window window = new Window();

  private CompletableFuture<Void> acquiring(int bytes) {
    return CompletableFuture.runAsync(() -> {
      try {
        window.acquire(bytes);
      } catch (ClientGoneException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void writerWaitsUntilTheReaderHasTakenEnough() throws Exception {
    window.acquire(MEBIBYTE);
    CompletableFuture<Void> next = acquiring(1);
    assertThrows(TimeoutException.class, () -> next.get(100, TimeUnit.MILLISECONDS));

    window.release(MEBIBYTE);

    next.get(5, TimeUnit.SECONDS);
  }

  @Test
  void onePieceLargerThanTheWindowGoesAlone() throws Exception {
    window.acquire(5 * MEBIBYTE);
    CompletableFuture<Void> next = acquiring(1);

    window.release(5 * MEBIBYTE);

    next.get(5, TimeUnit.SECONDS);
  }

  @Test
  void goneClientEndsWaitingAndIsToldOnce() throws Exception {
    AtomicInteger told = new AtomicInteger();
    window.whenClosed(told::incrementAndGet);
    window.acquire(MEBIBYTE);
    CompletableFuture<Void> next = acquiring(1);
    CompletableFuture<Boolean> sleeper = CompletableFuture.supplyAsync(() -> window.sleep(TimeUnit.SECONDS.toNanos(10)));

    window.close();
    window.close();
    window.whenClosed(told::incrementAndGet);

    ExecutionException failure = assertThrows(ExecutionException.class, () -> next.get(5, TimeUnit.SECONDS));
    assertInstanceOf(ClientGoneException.class, failure.getCause().getCause());
    assertFalse(sleeper.get(5, TimeUnit.SECONDS));
    assertEquals(2, told.get());
  }
}
