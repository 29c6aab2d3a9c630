package dev.tallyman.engine.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StatusQueueTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final byte[] HALF = new byte[600_000];

  private final StatusQueue queue = new StatusQueue(LONG);

  @Test
  void givesWhatWasThereBeforeTheReaderThenItsEnd() {
    queue.add(new byte[] {1});
    assertTrue(queue.attach());
    queue.add(new byte[] {2});
    queue.end();
    assertArrayEquals(new byte[] {1}, queue.take());
    assertArrayEquals(new byte[] {2}, queue.take());
    assertNull(queue.take());
  }

  @Test
  void hasOneReaderOnly() {
    assertTrue(queue.attach());
    assertFalse(queue.attach());
  }

  @Test
  void aReaderThatIsSlowHoldsTheWriterUp() throws Exception {
    queue.attach();
    queue.add(HALF);
    queue.add(HALF);
    CompletableFuture<Void> third = CompletableFuture.runAsync(() -> queue.add(new byte[] {3}));
    queue.take();
    third.get(30, TimeUnit.SECONDS);
    queue.take();
    assertArrayEquals(new byte[] {3}, queue.take());
  }

  @Test
  void aReaderThatGoesLetsTheWriterGoOn() throws Exception {
    queue.attach();
    queue.add(HALF);
    queue.add(HALF);
    CompletableFuture<Void> third = CompletableFuture.runAsync(() -> queue.add(HALF));
    queue.drop();
    third.get(30, TimeUnit.SECONDS);
    queue.add(HALF);
    assertNull(queue.take());
  }

  @Test
  void withoutAReaderTheWriterGivesUp() {
    StatusQueue impatient = new StatusQueue(Duration.ofMillis(1));
    for (int i = 0; i < 10; i++) {
      impatient.add(HALF);
    }
    impatient.end();
    assertTrue(impatient.isEnded());
    assertNull(impatient.take());
    assertTrue(impatient.attach());
  }
}
