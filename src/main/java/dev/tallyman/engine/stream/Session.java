package dev.tallyman.engine.stream;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.MonitorConnection.Frame;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Joins a client with a monitor until one of them ends. */
@Singleton
public class Session {
  /**
   * @param endsInput the end of the client's input is the end of the process's
   * @param keys leave the session when typed; absent without a terminal
   */
  public record Terms(boolean wantsInput, boolean wantsOutput, boolean wantsErrors, boolean endsInput, @Nullable DetachKeys keys) {}

  private final WaitingThreads threads;

  @Inject
  Session(WaitingThreads threads) {
    this.threads = threads;
  }

  /**
   * Blocks until the process has ended, the client is gone or has typed the detach keys. Closes both.
   *
   * @return true if the client left by its detach keys
   */
  public boolean run(ClientStream client, MonitorConnection monitor, Terms terms) {
    AtomicBoolean isDetached = new AtomicBoolean();
    // Ends the blocked wait for output when the client leaves.
    client.window().whenClosed(monitor::close);
    if (terms.wantsInput) {
      threads.execute(() -> passInput(client, monitor, terms, isDetached));
    }
    try {
      passOutput(client, monitor, terms);
    } catch (IOException e) {
      // One side is gone; the other is closed below.
    } finally {
      client.close();
      monitor.close();
    }
    return isDetached.get();
  }

  private static void passOutput(ClientStream client, MonitorConnection monitor, Terms terms) throws IOException {
    Frame frame;
    while ((frame = monitor.next()) instanceof Frame.Output output) {
      if (output.isError() ? !terms.wantsErrors : !terms.wantsOutput) {
        continue;
      }
      client.write(output.isError(), output.bytes());
    }
  }

  private static void passInput(ClientStream client, MonitorConnection monitor, Terms terms, AtomicBoolean isDetached) {
    try {
      ByteBuffer typed;
      while ((typed = client.read()) != null) {
        ByteBuffer passed = terms.keys == null ? typed : terms.keys.filter(typed);
        if (passed == null) {
          isDetached.set(true);
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
