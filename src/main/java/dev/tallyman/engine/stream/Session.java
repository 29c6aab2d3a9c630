package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.MonitorConnection.Frame;
import io.quarkus.virtual.threads.VirtualThreads;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** Joins a client's raw connection with a monitor's until one of them ends. */
@Singleton
public class Session {
  /**
   * @param isTty output goes out as it is, else in frames
   * @param endsInput the end of the client's input is the end of the process's
   * @param keys leave the session when typed; absent without a terminal
   */
  public record Terms(boolean isTty, boolean wantsInput, boolean wantsOutput, boolean wantsErrors, boolean endsInput, @Nullable DetachKeys keys) {}

  private final ExecutorService threads;

  @Inject
  Session(@VirtualThreads ExecutorService threads) {
    this.threads = threads;
  }

  /** Blocks until the process has ended, the client is gone or has typed the detach keys. Closes both. */
  public void run(RawConnection client, MonitorConnection monitor, Terms terms) {
    // Ends the blocked wait for output when the client leaves.
    client.window().whenClosed(monitor::close);
    if (terms.wantsInput) {
      threads.execute(() -> passInput(client, monitor, terms));
    }
    try {
      passOutput(client, monitor, terms);
    } catch (IOException e) {
      // One side is gone; the other is closed below.
    } finally {
      client.close();
      monitor.close();
    }
  }

  private static void passOutput(RawConnection client, MonitorConnection monitor, Terms terms) throws IOException {
    Frame frame;
    while ((frame = monitor.next()) instanceof Frame.Output output) {
      if (output.isError() ? !terms.wantsErrors : !terms.wantsOutput) {
        continue;
      }
      send(client, terms.isTty, output.isError(), output.bytes());
    }
  }

  /** Sends output in the form that the client expects. */
  public static void send(RawConnection client, boolean isTty, boolean isError, ByteBuffer bytes) throws ClientGoneException {
    if (!bytes.hasRemaining()) {
      return;
    }
    if (isTty) {
      client.write(bytes);
    } else {
      client.writeFrame(isError, bytes);
    }
  }

  private static void passInput(RawConnection client, MonitorConnection monitor, Terms terms) {
    try {
      ByteBuffer typed;
      while ((typed = client.read()) != null) {
        ByteBuffer passed = terms.keys == null ? typed : terms.keys.filter(typed);
        if (passed == null) {
          client.close();
          return;
        }
        if (passed.hasRemaining()) {
          monitor.writeInput(passed);
        }
      }
      if (terms.endsInput && !client.window().isClosed()) {
        monitor.endInput();
      }
    } catch (IOException e) {
      // The process is gone or its input is closed; the session ends with its output.
    }
  }
}
