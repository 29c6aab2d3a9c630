package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.FakeSandboxes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.jspecify.annotations.Nullable;

/** What is believed of a container's end when its monitor breaks off. */
class WatcherTest {
  private static final String ID = "a".repeat(64);
  private static final Sandboxes.Exit SEVEN = new Sandboxes.Exit(7, 0, false, Instant.EPOCH, Instant.EPOCH);

  /** Answers of one connection after the other; null = nobody listens. */
  private final Queue<Optional<MonitorConnection.Frame>> connections = new ArrayDeque<>();
  private boolean isRunning = true;
  private Optional<Sandboxes.Exit> record = Optional.empty();

  private final FakeKernel kernel = new FakeKernel();
  private final Watcher watcher =
      new Watcher(
          new FakeSandboxes(kernel) {
            @Override
            public MonitorConnection connect(String container) {
              Optional<MonitorConnection.Frame> answer = connections.poll();
              if (answer == null) {
                throw new KernelException(ErrorKind.UNAVAILABLE, "nobody listens");
              }
              return new OneAnswer(answer.orElse(null));
            }

            @Override
            public List<Known> list() {
              boolean now = isRunning;
              isRunning = false;
              return List.of(new Known(ID, now, 2, Instant.EPOCH));
            }

            @Override
            public Optional<Exit> exit(String container) {
              return record;
            }
          },
          new WaitingThreads(), () -> null);

  @AfterEach
  void close() {
    kernel.close();
  }

  private record OneAnswer(MonitorConnection.@Nullable Frame frame) implements MonitorConnection {
    @Override
    public void request(boolean output, boolean input) {}

    @Override
    public void awaitReady() {}

    @Override
    public MonitorConnection.@Nullable Frame next() {
      return frame;
    }

    @Override
    public void writeInput(ByteBuffer bytes) throws IOException {
      throw new IOException("no input");
    }

    @Override
    public void endInput() {}

    @Override
    public void resize(int rows, int columns) {}

    @Override
    public void close() {}
  }

  @Test
  void asksTheKeeperWhenTheMonitorBreaksOff() {
    connections.add(Optional.empty());
    connections.add(Optional.of(new MonitorConnection.Frame.Ended(SEVEN)));

    assertEquals(Optional.of(SEVEN), watcher.awaitEnd(ID));
  }

  @Test
  void believesTheRecordWhenNobodyListens() {
    record = Optional.of(SEVEN);

    assertEquals(Optional.of(SEVEN), watcher.awaitEnd(ID));
  }

  @Test
  void knowsNoCodeThatNobodyRecorded() {
    assertEquals(Optional.empty(), watcher.awaitEnd(ID));
  }
}
