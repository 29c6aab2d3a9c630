package dev.tallyman.log;

import dev.tallyman.container.Container;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.log.forward.Line;
import dev.tallyman.log.forward.Sender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what one container writes to its receiver, by a thread of its own that reads the log behind the monitor. Lines count as sent when the receiver has acknowledged them or,
 * where it cannot, has kept the connection for a while; until then they are sent again after a failure. So every line arrives at least once, unless the log rotates it away or
 * the container is removed for long while the receiver is away.
 */
final class Forwarder implements Runnable {
  private static final Logger LOG = Logger.getLogger(Forwarder.class);
  private static final int BATCH_BYTES = 128 << 10;
  /** An open line keeps all behind it from counting as sent, so it is ended when it lags as far as this. */
  private static final long OPEN_LINE_BYTES = 256 << 10;

  private static final long GLANCE_MILLIS = 1_000;
  private static final long GLANCE_UNWATCHED_MILLIS = 200;

  private final Container container;
  private final Surroundings around;
  private final ForwardCursor cursor;
  private final Path folder;
  private final LineAssembly lines = new LineAssembly();
  private final ArrayDeque<Mark> unsettled = new ArrayDeque<>();
  private ForwardCursor.Spot settled = new ForwardCursor.Spot(0, 0);
  private @Nullable Sender sender;
  private long pauseMillis;
  private volatile boolean hasEnded;
  private volatile long leftAtNanos;
  private volatile boolean hasLeft;
  private volatile boolean isStopped;

  /** What all forwarders share. @param permits bounds the memory of those who hold lines at the same time */
  record Surroundings(ForwardPlaces places, LogWatch watches, WaitingThreads threads, ForwardTempo tempo, Semaphore permits, Opening opening) {}

  /** Connects to a container's receiver. */
  interface Opening {
    Sender open(Container container) throws IOException;
  }

  private record Mark(ForwardCursor.Spot spot, long atNanos) {}

  Forwarder(Container container, Path folder, Surroundings around) {
    this.container = container;
    this.folder = folder;
    this.around = around;
    this.cursor = new ForwardCursor(new LogFolder(folder));
  }

  /** A run of the container has begun, or it has ended. */
  void setEnded(boolean ended) {
    hasEnded = ended;
  }

  /** Whether something came up after {@link #run} had seen that all was done. */
  boolean isWanted() {
    return !isStopped && !isGivenUp() && (!hasEnded || cursor.isOpen());
  }

  /** It is about to be removed: what is there is held, and sent as long as it takes, within bounds. */
  void leave() {
    try {
      open();
      cursor.holdAll();
    } catch (IOException e) {
      LOG.warnf("the last output of container %s may not be forwarded: %s", container.id(), e.getMessage());
    }
    leftAtNanos = System.nanoTime();
    hasLeft = true;
    hasEnded = true;
  }

  void stop() {
    isStopped = true;
  }

  private synchronized void open() throws IOException {
    if (cursor.isOpen()) {
      return;
    }
    if (!cursor.open(around.places().get(container.id()))) {
      LOG.warnf("output of container %s was rotated away before it could be forwarded to its receiver", container.id());
    }
    settled = cursor.spot();
  }

  /** Until everything has arrived that a container has written which has ended, or the server stops. */
  @Override
  public void run() {
    try (LogWatch.Watch watch = around.watches().watch(folder)) {
      while (!isStopped && !isGivenUp() && !step(watch)) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  /** @return true when all is done */
  private boolean step(LogWatch.Watch watch) throws InterruptedException {
    boolean isLastLook = hasEnded;
    try {
      open();
      if (!unsettled.isEmpty() && sender != null) {
        sender.check();
        settle();
      }
      if (forward(isLastLook)) {
        return false;
      }
      if (isLastLook && unsettled.isEmpty()) {
        return true;
      }
      watch.await(unsettled.isEmpty() ? GLANCE_MILLIS : Math.min(GLANCE_MILLIS, around.tempo().settled().toMillis() + 1), GLANCE_UNWATCHED_MILLIS);
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
    return false;
  }

  /** @return false if there was nothing to do */
  private boolean forward(boolean isLastLook) throws IOException, InterruptedException {
    if (!hasMore(isLastLook)) {
      return false;
    }
    Sender to = sender == null ? around.opening().open(container) : sender;
    sender = to;
    around.permits().acquire();
    try {
      return batch(to, isLastLook);
    } finally {
      around.permits().release();
    }
  }

  private boolean hasMore(boolean isLastLook) throws IOException {
    return cursor.hasMore() || (isLastLook && lines.openSince() != null);
  }

  private boolean batch(Sender to, boolean isLastLook) throws IOException {
    List<Line> batch = new ArrayList<>();
    long count = cursor.read(BATCH_BYTES, (entry, spot) -> lines.add(entry, spot, batch));
    ForwardCursor.Spot open = lines.openSince();
    if (open != null && ((isLastLook && count == 0) || isFar(open, cursor.spot()))) {
      lines.finish(batch);
    }
    if (batch.isEmpty() && count == 0) {
      return false;
    }
    if (!batch.isEmpty()) {
      Future<?> alarm = around.threads().after(around.tempo().sendTimeout(), () -> close(to));
      try {
        to.send(batch);
      } finally {
        alarm.cancel(false);
      }
    }
    ForwardCursor.Spot still = lines.openSince();
    unsettled.add(new Mark(still == null ? cursor.spot() : still, System.nanoTime()));
    if (pauseMillis > 0) {
      pauseMillis = 0;
      LOG.infof("output of container %s is forwarded again", container.id());
    }
    if (to.isSure()) {
      settle();
    }
    return true;
  }

  private static boolean isFar(ForwardCursor.Spot open, ForwardCursor.Spot at) {
    return open.file() < at.file() || at.offset() - open.offset() > OPEN_LINE_BYTES;
  }

  /** Counts what was sent long enough ago. */
  private void settle() throws IOException {
    long window = sender != null && sender.isSure() ? 0 : around.tempo().settled().toNanos();
    ForwardCursor.Spot reached = null;
    while (!unsettled.isEmpty() && System.nanoTime() - unsettled.getFirst().atNanos() >= window) {
      reached = unsettled.removeFirst().spot();
    }
    if (reached != null && settled.isBefore(reached)) {
      settled = reached;
      ForwardPlace place = cursor.release(reached);
      if (place != null && !hasLeft) {
        around.places().set(container.id(), place);
      }
    }
  }

  private void failed(Exception why) throws InterruptedException {
    if (pauseMillis == 0) {
      LOG.warnf("output of container %s (%s) cannot be forwarded, it is tried again: %s", container.name(), container.id(), why.getMessage());
    }
    disconnect();
    unsettled.clear();
    lines.forget();
    cursor.back(settled);
    long first = around.tempo().backOff().toMillis();
    pauseMillis = pauseMillis == 0 ? first : Math.min(pauseMillis * 2, around.tempo().backOffMax().toMillis());
    for (long slept = 0; slept < pauseMillis && !isStopped; slept += 100) {
      Thread.sleep(Math.min(100, pauseMillis));
    }
  }

  private boolean isGivenUp() {
    boolean isLate = hasLeft && System.nanoTime() - leftAtNanos > around.tempo().keepRemoved().toNanos();
    if (isLate) {
      LOG.warnf("the last output of the removed container %s (%s) was not taken by its receiver and is lost", container.name(), container.id());
    }
    return isLate;
  }

  private void disconnect() {
    Sender present = sender;
    sender = null;
    if (present != null) {
      close(present);
    }
  }

  private static void close(Sender sender) {
    try {
      sender.close();
    } catch (IOException e) {
      LOG.debugf("a connection to a receiver did not close: %s", e.getMessage());
    }
  }

  private void close() {
    disconnect();
    try {
      cursor.close();
    } catch (IOException e) {
      LOG.debugf("log files of container %s did not close: %s", container.id(), e.getMessage());
    }
  }
}
