package dev.tallyman.container;

import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.WatchedConnection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * A client's streams of a container; shows the end when it was recorded and the places on networks are given back, so that an inspect or the
 * removal of a network right after it finds a container that has ended. Read under no lock of a container.
 */
final class AttachedConnection extends WatchedConnection {
  private static final Logger LOG = Logger.getLogger(AttachedConnection.class);
  /** Recording an end takes milliseconds; of a database that does not answer, clients that wait learn nothing. */
  private static final int MOST_SECONDS = 10;

  private final Future<?> recorded;

  /** @param recorded completes when the end was recorded, before a container that is to be removed then is */
  AttachedConnection(MonitorConnection inner, Future<?> recorded) {
    super(inner);
    this.recorded = recorded;
  }

  @Override
  protected void ended(Sandboxes.Exit exit) {
    try {
      recorded.get(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("a client's streams end before the end of their container was recorded: %s", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
