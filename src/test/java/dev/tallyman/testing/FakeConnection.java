package dev.tallyman.testing;

import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes.Exit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A client's end of a {@link FakeProcess}, with the monitor's limit on what may be queued for it. */
final class FakeConnection implements MonitorConnection {
  private static final int BACKLOG_BYTES = 1 << 20;
  private static final Frame CLOSED = new Frame.Output(false, ByteBuffer.allocate(0));

  private final FakeProcess process;
  private final LinkedBlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private volatile boolean isClosed;
  private boolean hasEnded;
  private boolean wantsInput;
  private boolean wantsOutput;

  FakeConnection(FakeProcess process) {
    this.process = process;
  }

  @Override
  public void request(boolean output, boolean input) throws IOException {
    requireOpen();
    wantsOutput = output;
    wantsInput = input;
    process.subscribe(this, output);
  }

  @Override
  public void awaitReady() throws IOException {
    requireOpen();
  }

  boolean wantsOutput() {
    return wantsOutput;
  }

  boolean wantsInput() {
    return wantsInput;
  }

  void offerOutput(boolean isError, byte[] bytes) {
    queued.addAndGet(bytes.length);
    frames.add(new Frame.Output(isError, ByteBuffer.wrap(bytes)));
  }

  void offerEnd(Exit exit) {
    frames.add(new Frame.Ended(exit));
  }

  boolean isFull() {
    return !isClosed && queued.get() >= BACKLOG_BYTES;
  }

  @Override
  public @Nullable Frame next() throws IOException {
    if (hasEnded) {
      return null;
    }
    try {
      Frame frame = frames.take();
      if (frame == CLOSED) {
        return null;
      }
      if (frame instanceof Frame.Output output) {
        queued.addAndGet(-output.bytes().remaining());
      }
      hasEnded = frame instanceof Frame.Ended;
      return frame;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for output", e);
    }
  }

  @Override
  public void writeInput(ByteBuffer bytes) throws IOException {
    requireOpen();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    process.feed(copy);
  }

  @Override
  public void endInput() throws IOException {
    requireOpen();
    process.endInput();
  }

  @Override
  public void resize(int rows, int columns) throws IOException {
    requireOpen();
    process.resize(rows, columns);
  }

  private void requireOpen() throws IOException {
    if (isClosed) {
      throw new IOException("the connection is closed");
    }
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      process.unsubscribe(this);
      frames.add(CLOSED);
    }
  }
}
