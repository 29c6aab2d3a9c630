package dev.tallyman.dashboard.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.exec.Execs;
import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a command in a container and collects what it says, within bounds of time and size. */
@Singleton
class CommandRunner {
  /** A page waits this long; the command itself is not ended. */
  static final long MAX_MILLIS = 30_000;

  static final int MAX_BYTES = 256 * 1024;

  private final Execs execs;
  private final Vertx vertx;

  @Inject
  CommandRunner(Execs execs, Vertx vertx) {
    this.execs = execs;
    this.vertx = vertx;
  }

  /** @throws TallymanException when the command is malformed or refused */
  CommandResult run(Caller caller, String container, String command, String user) {
    List<String> words = CommandLine.split(command);
    if (words.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "cannot run a command: no command is given");
    }
    String id = execs.create(caller, container, new ExecRequest(words, List.of(), "", user, false, false, false, true, true, ""));
    MonitorConnection connection = execs.start(caller, id, false, 0, 0);
    if (connection == null) {
      throw new TallymanException(ErrorKind.INTERNAL, "cannot show the output of " + words.get(0) + ": it was started without a connection");
    }
    return collect(connection, command);
  }

  private CommandResult collect(MonitorConnection connection, String command) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    AtomicBoolean isLate = new AtomicBoolean();
    boolean isCut = false;
    Integer exitCode = null;
    long timer =
        vertx.setTimer(
            MAX_MILLIS,
            id -> {
              isLate.set(true);
              connection.close();
            });
    try (connection) {
      for (MonitorConnection.Frame frame = connection.next(); frame != null && exitCode == null; frame = exitCode == null ? connection.next() : frame) {
        if (frame instanceof MonitorConnection.Frame.Output text) {
          isCut |= !append(output, text.bytes());
        } else if (frame instanceof MonitorConnection.Frame.Ended ended) {
          exitCode = ended.exit().code();
        }
      }
    } catch (IOException e) {
      if (!isLate.get()) {
        throw new TallymanException(ErrorKind.UNAVAILABLE, "the connection to the command broke: " + e.getMessage(), e);
      }
    } finally {
      vertx.cancelTimer(timer);
    }
    return new CommandResult(command, TerminalText.plain(output.toString(StandardCharsets.UTF_8)), exitCode, isCut, null);
  }

  /** @return false when not everything found room */
  private static boolean append(ByteArrayOutputStream output, ByteBuffer bytes) {
    byte[] chunk = new byte[bytes.remaining()];
    bytes.get(chunk);
    int kept = Math.min(chunk.length, MAX_BYTES - output.size());
    output.write(chunk, 0, kept);
    return kept == chunk.length;
  }
}
