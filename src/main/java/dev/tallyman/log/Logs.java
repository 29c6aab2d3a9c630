package dev.tallyman.log;

import dev.tallyman.container.Container;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Output of containers, as their monitors recorded it. */
public interface Logs {
  /**
   * Sends the matching output to the sink until the end, or with {@code follows} until the container ends or the sink is closed. Blocks.
   */
  void read(Caller caller, String container, LogQuery query, LogSink sink) throws IOException;

  /** For those who must know before an answer begins. @throws TallymanException UNSUPPORTED if the container's output is not kept */
  static void requireKept(Container container) {
    if (container.spec().logDriver().equals("none")) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "configured logging driver does not support reading");
    }
  }

  /** @param tail number of lines, -1 = all; @param wantsTimestamps each line begins with its time (RFC 3339, nanoseconds, UTC) and a space; @param details stands before each line, behind its time */
  record LogQuery(
      boolean wantsOutput, boolean wantsErrors, boolean follows, @Nullable Instant since, @Nullable Instant until, long tail, boolean wantsTimestamps, String details) {
    public LogQuery(boolean wantsOutput, boolean wantsErrors, boolean follows, @Nullable Instant since, @Nullable Instant until, long tail, boolean wantsTimestamps) {
      this(wantsOutput, wantsErrors, follows, since, until, tail, wantsTimestamps, "");
    }
  }

  /** Takes chunks; may block for back-pressure. */
  interface LogSink {
    void write(boolean isError, ByteBuffer bytes) throws IOException;

    /** Everything there is now was sent; flush it to the client. Called before a follower waits. */
    void flush() throws IOException;

    boolean isClosed();
  }
}
