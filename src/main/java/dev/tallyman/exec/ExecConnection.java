package dev.tallyman.exec;

import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.WatchedConnection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A client's streams of an exec; notes the end before the client sees it, so that an inspect right after it knows the exit code. */
final class ExecConnection extends WatchedConnection {
  private final Consumer<Sandboxes.Exit> atEnd;
  private final Runnable ifUnseen;
  private final AtomicBoolean isSettled = new AtomicBoolean();

  /** @param ifUnseen runs when the connection is closed or breaks before the end was seen */
  ExecConnection(MonitorConnection inner, Consumer<Sandboxes.Exit> atEnd, Runnable ifUnseen) {
    super(inner);
    this.atEnd = atEnd;
    this.ifUnseen = ifUnseen;
  }

  @Override
  protected void ended(Sandboxes.Exit exit) {
    if (isSettled.compareAndSet(false, true)) {
      atEnd.accept(exit);
    }
  }

  @Override
  public void close() {
    super.close();
    if (isSettled.compareAndSet(false, true)) {
      ifUnseen.run();
    }
  }
}
