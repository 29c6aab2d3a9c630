package dev.tallyman.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Another connection, of which somebody learns the end before its reader does. */
public abstract class WatchedConnection implements MonitorConnection {
  private final MonitorConnection inner;

  protected WatchedConnection(MonitorConnection inner) {
    this.inner = inner;
  }

  /** The reader learns of it when this returns; called at each end that is read. */
  protected abstract void ended(Sandboxes.Exit exit);

  @Override
  public void request(boolean wantsOutput, boolean wantsInput) throws IOException {
    inner.request(wantsOutput, wantsInput);
  }

  @Override
  public void awaitReady() throws IOException {
    inner.awaitReady();
  }

  @Override
  public final @Nullable Frame next() throws IOException {
    Frame frame = inner.next();
    if (frame instanceof Frame.Ended end) {
      ended(end.exit());
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
  }
}
