package dev.tallyman.health;

import dev.tallyman.container.Container;
import dev.tallyman.container.ExtraProcess;
import dev.tallyman.container.LegacyLinks;
import dev.tallyman.container.Health.Check;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One health check: runs its command in the container, as an exec, and kills it when its time is over. Blocks. */
@Singleton
class Probe {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KILL = 9;
  /** Exit code of a check that did not run or did not end, as Docker has it. */
  private static final int NO_RESULT = -1;
  /** After the kill; a process that hangs in the kernel is left alone then. */
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);
  /** Starts at the same time: checks must not crowd out what people wait for. */
  private static final int STARTS = 4;

  private final Sandboxes sandboxes;
  private final WaitingThreads threads;
  private final Events events;
  private final LegacyLinks links;
  private final Semaphore starts = new Semaphore(STARTS, true);

  @Inject
  Probe(Sandboxes sandboxes, WaitingThreads threads, Events events, LegacyLinks links) {
    this.links = links;
    this.sandboxes = sandboxes;
    this.threads = threads;
    this.events = events;
  }

  Check run(Container container) {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    String exec = HexFormat.of().formatHex(bytes);
    List<String> command = container.life().command();
    tell(container, exec, "exec_create: " + String.join(" ", command), null);
    Instant start = now();
    CappedOutput output = new CappedOutput();
    try {
      start(container, exec, command);
      tell(container, exec, "exec_start: " + String.join(" ", command), null);
      Duration timeout = container.life().timeout();
      Integer code = await(container.id(), exec, output, timeout);
      tell(container, exec, "exec_die", code == null ? 128 + KILL : code);
      return code == null ? new Check(start, now(), NO_RESULT, late(timeout, output.text())) : new Check(start, now(), code, output.text());
    } catch (TallymanException | IOException e) {
      return new Check(start, now(), NO_RESULT, String.valueOf(e.getMessage()));
    }
  }

  private void start(Container container, String exec, List<String> command) {
    starts.acquireUninterruptibly();
    try {
      sandboxes.exec(ExtraProcess.of(container, links.variables(container), exec, ExtraProcess.Command.plain(command), 0, 0));
    } finally {
      starts.release();
    }
  }

  /** @return absent when its time was over */
  private @Nullable Integer await(String container, String exec, CappedOutput output, Duration timeout) throws IOException {
    AtomicBoolean isLate = new AtomicBoolean();
    MonitorConnection connection = sandboxes.connectExec(container, exec);
    Future<?> alarm = threads.after(timeout, () -> {
      isLate.set(true);
      kill(container, exec);
    });
    Future<?> lastAlarm = threads.after(timeout.plus(LAST_WAIT), connection::close);
    try (connection) {
      connection.subscribe(true, false);
      MonitorConnection.Frame frame;
      while ((frame = connection.next()) != null) {
        if (frame instanceof MonitorConnection.Frame.Ended ended) {
          return isLate.get() ? null : Integer.valueOf(ended.exit().code());
        }
        if (frame instanceof MonitorConnection.Frame.Output piece) {
          output.add(piece.bytes());
        }
      }
    } catch (IOException e) {
      if (!isLate.get()) {
        throw e;
      }
    } finally {
      alarm.cancel(false);
      lastAlarm.cancel(false);
    }
    if (isLate.get()) {
      return null;
    }
    throw new IOException("the end of the health check was not seen");
  }

  private void kill(String container, String exec) {
    try {
      sandboxes.signalExec(container, exec, KILL);
    } catch (TallymanException e) {
      // It has ended by itself in this moment.
    }
  }

  static String late(Duration timeout, String output) {
    String text = "Health check exceeded timeout (" + GoDuration.text(timeout) + ")";
    return output.isEmpty() ? text : text + ": " + output;
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  /** Docker tells of checks as of any exec. Nobody wants to read of them afterwards. */
  private void tell(Container container, String exec, String action, @Nullable Integer exitCode) {
    Map<String, String> attributes = new HashMap<>(container.labels());
    attributes.put("name", container.name());
    attributes.put("image", container.image());
    attributes.put("execID", exec);
    if (exitCode != null) {
      attributes.put("exitCode", String.valueOf(exitCode));
    }
    events.mention(new Event(Caller.system(container.team(), container.teamName()), "container", action, container.id(), container.team(), attributes, Instant.now()));
  }
}
