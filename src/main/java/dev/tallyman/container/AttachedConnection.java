package dev.tallyman.container;

import dev.tallyman.kernel.MonitorConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A client's streams of a container; shows the end when it was recorded and the places on networks are given back, so that an inspect or the
 * removal of a network right after it finds a container that has ended. Read under no lock of a container.
 */
final class AttachedConnection implements MonitorConnection {
  private static final Logger LOG = Logger.getLogger(AttachedConnection.class);
  /** Recording an end takes milliseconds; of a database that does not answer, clients that wait learn nothing. */
  private static final int MOST_SECONDS = 10;

  private final MonitorConnection inner;
  private final Future<?> recorded;

  /** @param recorded completes when the end was recorded, before a container that is to be removed then is */
  AttachedConnection(MonitorConnection inner, Future<?> recorded) {
    this.inner = inner;
    this.recorded = recorded;
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
    if (frame instanceof Frame.Ended) {
      awaitRecord();
    }
    return frame;
  }

  private void awaitRecord() {
    try {
      recorded.get(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("a client's streams end before the end of their container was recorded: %s", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
