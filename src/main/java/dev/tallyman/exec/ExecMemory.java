package dev.tallyman.exec;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Events;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Execs that can still be asked for: until some time after their end, or until their container is removed; those that nobody started until it ends. */
@Singleton
class ExecMemory {
  private static final Duration KEPT = Duration.ofMinutes(10);
  /** Then the old ones are looked for. */
  private static final int MANY = 500;

  private static final int MAX = 10_000;

  private final Map<String, ExecCell> cells = new ConcurrentHashMap<>();
  private final Events events;
  private @Nullable AutoCloseable subscription;

  @Inject
  ExecMemory(Events events) {
    this.events = events;
  }

  @PostConstruct
  void open() {
    subscription = events.subscribe(event -> {
      if (event.type().equals("container") && event.action().equals("destroy")) {
        cells.values().removeIf(cell -> cell.container.id().equals(event.id()));
      } else if (event.type().equals("container") && event.action().equals("die")) {
        cells.values().removeIf(cell -> cell.container.id().equals(event.id()) && cell.isWaiting());
      }
    });
  }

  @PreDestroy
  void close() throws Exception {
    AutoCloseable open = subscription;
    if (open != null) {
      open.close();
    }
  }

  void add(ExecCell cell) {
    if (cells.size() >= MANY) {
      Instant old = Instant.now().minus(KEPT);
      cells.values().removeIf(each -> each.isStale(old));
    }
    if (cells.size() >= MAX) {
      cells.values().removeIf(ExecCell::isOver);
    }
    if (cells.size() >= MAX) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot run a command: " + MAX + " are waiting or running already");
    }
    cells.put(cell.id, cell);
  }

  void remove(ExecCell cell) {
    cells.remove(cell.id);
  }

  @Nullable ExecCell get(String id) {
    return cells.get(id);
  }

  List<String> runningIn(String container) {
    return cells.values().stream().filter(cell -> cell.container.id().equals(container) && cell.isRunning()).map(cell -> cell.id).toList();
  }
}
