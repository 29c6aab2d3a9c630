package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttachedConnectionTest {
  private static final MonitorConnection.Frame OUTPUT = new MonitorConnection.Frame.Output(false, ByteBuffer.wrap(new byte[] {1}));
  private static final MonitorConnection.Frame END = new MonitorConnection.Frame.Ended(new Exit(7, 0, false, Instant.EPOCH, Instant.EPOCH));

  private final CompletableFuture<Void> recorded = new CompletableFuture<>();
  private final MonitorConnection connection = new AttachedConnection(new Frames(new ArrayDeque<>(List.of(OUTPUT, END))), recorded);

  @Test
  void showsTheEndWhenItWasRecorded() throws Exception {
    assertEquals(OUTPUT, connection.next());
    CompletableFuture<MonitorConnection.@Nullable Frame> end = CompletableFuture.supplyAsync(this::next);
    assertThrows(TimeoutException.class, () -> end.get(50, TimeUnit.MILLISECONDS));

    recorded.complete(null);

    assertEquals(END, end.get(5, TimeUnit.SECONDS));
  }

  @Test
  void keepsNobodyWhenTheRecordingFailed() {
    next();

    recorded.completeExceptionally(new IllegalStateException("no database"));

    assertEquals(END, next());
  }

  private MonitorConnection.@Nullable Frame next() {
    try {
      return connection.next();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Frames(Queue<Frame> left) implements MonitorConnection {
    @Override
    public void request(boolean output, boolean input) {}

    @Override
    public void awaitReady() {}

    @Override
    public @Nullable Frame next() {
      return left.poll();
    }

    @Override
    public void writeInput(ByteBuffer bytes) {}

    @Override
    public void endInput() {}

    @Override
    public void resize(int rows, int columns) {}

    @Override
    public void close() {}
  }
}
