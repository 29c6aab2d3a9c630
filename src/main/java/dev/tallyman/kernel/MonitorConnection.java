package dev.tallyman.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to a container's (or an exec's) monitor. One thread reads, one may write at the same time. Closing it from any
 * thread ends a blocked read.
 */
public interface MonitorConnection extends AutoCloseable {
  /**
   * Must be the first call. Does not wait for a monitor that is only just beginning, so that the caller can do something else meanwhile;
   * {@link #awaitReady} must follow.
   */
  void request(boolean wantsOutput, boolean wantsInput) throws IOException;

  /** Returns when the monitor has answered READY, so output from here on is not missed. */
  void awaitReady() throws IOException;

  /** Both. */
  default void subscribe(boolean wantsOutput, boolean wantsInput) throws IOException {
    request(wantsOutput, wantsInput);
    awaitReady();
  }

  /** The next frame; blocks. Absent when the monitor closed the connection. */
  @Nullable Frame next() throws IOException;

  void writeInput(ByteBuffer bytes) throws IOException;

  /** Closes the process's stdin: of an exec, and of a container with "stdin once" that has no terminal. For others it does nothing. */
  void endInput() throws IOException;

  void resize(int rows, int columns) throws IOException;

  @Override
  void close();

  sealed interface Frame {
    /** @param isError true for stderr */
    record Output(boolean isError, ByteBuffer bytes) implements Frame {}

    record Ended(Sandboxes.Exit exit) implements Frame {}
  }
}
