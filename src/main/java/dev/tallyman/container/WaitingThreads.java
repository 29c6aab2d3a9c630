package dev.tallyman.container;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Threads that wait: one for each running container, one for each command that nobody watches. Virtual where the Java version has them; else platform threads, as
 * many as needed, because the platform's worker pool is bounded and waiting containers would use it up.
 */
@Singleton
public class WaitingThreads implements Executor {
  private static final Logger LOG = Logger.getLogger(WaitingThreads.class);

  private final ExecutorService workers = workers();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(daemons("container-timer-"));

  private static ExecutorService workers() {
    try {
      return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException | UnsupportedOperationException e) {
      return Executors.newCachedThreadPool(daemons("container-"));
    }
  }

  private static ThreadFactory daemons(String prefix) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void execute(Runnable task) {
    workers.execute(logged(task));
  }

  Future<?> submit(Runnable task) {
    return workers.submit(logged(task));
  }

  public Future<?> after(Duration pause, Runnable task) {
    return timer.schedule(() -> execute(task), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Runnable logged(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // Nobody else hears of it.
        LOG.error("work on a container failed", e);
        throw e;
      }
    };
  }

  @PreDestroy
  void close() {
    timer.shutdownNow();
    // No interrupt: a thread that the embedded database writes in would close its file under it.
    workers.shutdown();
  }
}
