package dev.tallyman.log;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Finds the container for the caller and reads its record files. */
@ApplicationScoped
class LogService implements Logs {
  /** Should a container's monitor die, no end is ever recorded; then the inventory says that the container has ended. */
  private static final long LOOK_AT_INVENTORY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Containers containers;
  private final Sandboxes sandboxes;
  private final LogWatch watches;

  LogService(Containers containers, Sandboxes sandboxes, LogWatch watches) {
    this.containers = containers;
    this.sandboxes = sandboxes;
    this.watches = watches;
  }

  @Override
  public void read(Caller caller, String name, LogQuery query, LogSink sink) throws IOException {
    Container container = containers.inspect(caller, name);
    if (!query.wantsOutput() && !query.wantsErrors()) {
      throw new TallymanException(ErrorKind.INVALID, "Bad parameters: you must choose at least one stream");
    }
    Logs.requireKept(container);
    Path folder = sandboxes.logs(container.id());
    LogReading reading = new LogReading(new LogFolder(folder), query, sink);
    if (!query.follows() || !container.state().isAlive()) {
      reading.readAll();
      return;
    }
    try (LogWatch.Watch watch = watches.watch(folder)) {
      reading.follow(watch, new End(caller, container.id()));
    }
  }

  /** Asks whether a container has ended: first its exit record, now and then the inventory. */
  private final class End implements java.util.function.BooleanSupplier {
    private final Caller caller;
    private final String container;
    private long lookedAt = System.nanoTime();

    End(Caller caller, String container) {
      this.caller = caller;
      this.container = container;
    }

    @Override
    public boolean getAsBoolean() {
      if (sandboxes.exit(container).isPresent()) {
        return true;
      }
      if (System.nanoTime() - lookedAt < LOOK_AT_INVENTORY_NANOS) {
        return false;
      }
      lookedAt = System.nanoTime();
      try {
        return !containers.inspect(caller, container).state().isAlive();
      } catch (TallymanException e) {
        return true; // removed meanwhile
      }
    }
  }
}
