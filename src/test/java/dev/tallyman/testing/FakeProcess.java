package dev.tallyman.testing;

import dev.tallyman.kernel.Sandboxes.Exit;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A scripted process with its monitor: a thread that runs a {@link FakeShell}, can be frozen, and obeys signals as the kernel would have
 * it: the first process of a container without init ignores every signal but KILL and those that it traps.
 */
final class FakeProcess {
  /** What a process is started with. */
  record Setup(
      int pid, List<String> args, Map<String, String> environment, String workdir, String user, boolean isTty, boolean isStdinOpen, boolean isStdinOnce, boolean isHeld,
      boolean ignoresSignals, int rows, int columns) {}

  /** Thrown inside the process's thread to end it. */
  static final class Killed extends RuntimeException {
    private final int signal;

    Killed(int signal) {
      super("killed by signal " + signal, null, false, false);
      this.signal = signal;
    }
  }

  static final class Exited extends RuntimeException {
    private final int code;

    Exited(int code) {
      super("exit " + code, null, false, false);
      this.code = code;
    }
  }

  final Setup setup;
  final FakeContainer container;
  final Instant startedAt = Instant.now();
  final CompletableFuture<Exit> ended = new CompletableFuture<>();
  final Map<Integer, String> traps = new HashMap<>();
  private final @Nullable FakeLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> input = new ArrayDeque<>();
  private final List<FakeConnection> subscribers = new ArrayList<>();
  private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
  private boolean isInputEnded;
  private boolean wasSubscribed;
  private boolean isFrozen;
  private int pending;
  private int rows;
  private int columns;

  FakeProcess(FakeContainer container, Setup setup, @Nullable FakeLog log) {
    this.container = container;
    this.setup = setup;
    this.log = log;
    this.rows = setup.rows();
    this.columns = setup.columns();
    this.isInputEnded = !setup.isStdinOpen();
  }

  /** @param atEnd runs before anybody learns of the end; writes the exit record */
  void start(java.util.function.Consumer<Exit> atEnd) {
    Thread thread = new Thread(() -> run(atEnd), "fake-process-" + setup.pid());
    thread.setDaemon(true);
    thread.start();
  }

  private void run(java.util.function.Consumer<Exit> atEnd) {
    int code;
    int signal = 0;
    try {
      awaitFirstSubscriber();
      code = new FakeShell(this).run(setup.args());
    } catch (Exited e) {
      code = e.code;
    } catch (Killed e) {
      code = 128 + e.signal;
      signal = e.signal;
    }
    Exit exit = new Exit(code, signal, container.diesOfMemory, startedAt, Instant.now());
    atEnd.accept(exit);
    lock.lock();
    try {
      ended.complete(exit);
      subscribers.forEach(each -> each.offerEnd(exit));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitFirstSubscriber() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    lock.lock();
    try {
      while (setup.isHeld() && !wasSubscribed && System.nanoTime() < deadline) {
        await(50);
        check();
      }
    } finally {
      lock.unlock();
    }
  }

  private void await(long millis) {
    try {
      changed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new Killed(9);
    }
  }

  /** Obeys signals and waits while frozen. Holds the lock. */
  private void check() {
    while (true) {
      if (pending == 9) {
        throw new Killed(9);
      }
      if (isFrozen) {
        await(50);
        continue;
      }
      if (pending != 0) {
        int signal = pending;
        pending = 0;
        String trap = traps.get(signal);
        if (trap != null) {
          if (!trap.isBlank()) {
            new FakeShell(this).script(trap);
          }
        } else if (!setup.ignoresSignals()) {
          throw new Killed(signal);
        }
      }
      return;
    }
  }

  void signal(int signal) {
    locked(() -> {
      if (signal != 0 && signal != 17 && signal != 18 && signal != 28 && pending != 9) {
        pending = signal;
      }
    });
  }

  void freeze(boolean frozen) {
    locked(() -> isFrozen = frozen);
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void sleep(long millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      check();
      long left;
      while ((left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) > 0) {
        await(left);
        check();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes output: to the log first, then to everybody who is connected. */
  void write(boolean isError, byte[] bytes) {
    byte[] out = setup.isTty() ? new String(bytes, StandardCharsets.UTF_8).replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8) : bytes;
    boolean error = isError && !setup.isTty();
    lock.lock();
    try {
      check();
      while (subscribers.stream().anyMatch(FakeConnection::isFull)) {
        await(5);
        check();
      }
      emit(error, out);
    } finally {
      lock.unlock();
    }
  }

  private void emit(boolean isError, byte[] out) {
    if (log != null) {
      log.write(Instant.now(), isError, out);
    }
    subscribers.stream().filter(FakeConnection::wantsOutput).forEach(each -> each.offerOutput(isError, out));
  }

  /** The next piece of input; null at its end. */
  byte @Nullable [] read() {
    lock.lock();
    try {
      while (true) {
        check();
        byte[] next = input.poll();
        if (next != null) {
          return next;
        }
        if (isInputEnded) {
          return null;
        }
        await(1000);
      }
    } finally {
      lock.unlock();
    }
  }

  void subscribe(FakeConnection connection, boolean wantsOutput) {
    locked(() -> {
      subscribers.add(connection);
      wasSubscribed |= wantsOutput;
      Exit exit = ended.getNow(null);
      if (exit != null) {
        connection.offerEnd(exit);
      }
    });
  }

  void unsubscribe(FakeConnection connection) {
    locked(() -> {
      subscribers.remove(connection);
      if (setup.isStdinOnce() && connection.wantsInput()) {
        isInputEnded = true;
      }
    });
  }

  void feed(byte[] bytes) {
    if (!setup.isTty()) {
      locked(() -> input.add(bytes));
      return;
    }
    locked(() -> {
      for (byte each : bytes) {
        type(each);
      }
    });
  }

  /** A terminal in its usual mode: echoes, hands over whole lines, knows ^C and ^D. */
  private void type(byte key) {
    switch (key) {
      case 3 -> pending = 2;
      case 4 -> {
        flushLine();
        isInputEnded = true;
      }
      case '\r', '\n' -> {
        emit(false, new byte[] {'\r', '\n'});
        typed.write('\n');
        flushLine();
      }
      default -> {
        emit(false, new byte[] {key});
        typed.write(key);
      }
    }
  }

  private void flushLine() {
    if (typed.size() > 0) {
      input.add(typed.toByteArray());
      typed.reset();
    }
  }

  void endInput() {
    if (!setup.isTty() && setup.isStdinOnce()) {
      locked(() -> isInputEnded = true);
    }
  }

  void resize(int newRows, int newColumns) {
    locked(() -> {
      rows = newRows;
      columns = newColumns;
    });
  }

  String size() {
    return rows + " " + columns;
  }

  boolean isRunning() {
    return !ended.isDone();
  }
}
