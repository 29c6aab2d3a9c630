package dev.tallyman.exec;

import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's streams of an exec; notes the end before the client sees it, so that an inspect right after it knows the exit code. */
final class ExecConnection implements MonitorConnection {
  private final MonitorConnection inner;
  private final Consumer<Sandboxes.Exit> atEnd;
  private final Runnable ifUnseen;
  private final AtomicBoolean isSettled = new AtomicBoolean();

  /** @param ifUnseen runs when the connection is closed or breaks before the end was seen */
  ExecConnection(MonitorConnection inner, Consumer<Sandboxes.Exit> atEnd, Runnable ifUnseen) {
    this.inner = inner;
    this.atEnd = atEnd;
    this.ifUnseen = ifUnseen;
  }

  @Override
  public void request(boolean wantsOutput, boolean wantsInput) throws IOException {
    inner.request(wantsOutput, wantsInput);
  }

  @Override
  public void awaitReady() throws IOException {
    inner.awaitReady();
  }

  @Override
  public @Nullable Frame next() throws IOException {
    Frame frame = inner.next();
    if (frame instanceof Frame.Ended ended && isSettled.compareAndSet(false, true)) {
      atEnd.accept(ended.exit());
    }
    return frame;
  }

  @Override
  public void writeInput(ByteBuffer bytes) throws IOException {
    inner.writeInput(bytes);
  }

  @Override
  public void endInput() throws IOException {
    inner.endInput();
  }

  @Override
  public void resize(int rows, int columns) throws IOException {
    inner.resize(rows, columns);
  }

  @Override
  public void close() {
    inner.close();
    if (isSettled.compareAndSet(false, true)) {
      ifUnseen.run();
    }
  }
}
