package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.log.Logs.LogSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends recorded output as a long answer. Without a terminal each line is a frame of its own, as dockerd has it: client libraries (docker-py,
 * docker-java) give their users frame by frame, and those take them for lines.
 */
public final class LogAnswer implements LogSink {
  /** A longer line goes on in another frame, as dockerd's do. */
  private static final int LINE_BYTES_MAX = 16 << 10;

  private final AnswerStream stream;
  private final boolean isTty;
  private final Line output = new Line(false);
  private final Line errors = new Line(true);

  public LogAnswer(AnswerStream stream, boolean isTty) {
    this.stream = stream;
    this.isTty = isTty;
  }

  @Override
  public void write(boolean isError, ByteBuffer bytes) throws IOException {
    byte[] array;
    int from = 0;
    int length = bytes.remaining();
    if (bytes.hasArray()) {
      array = bytes.array();
      from = bytes.arrayOffset() + bytes.position();
      bytes.position(bytes.limit());
    } else {
      array = new byte[length];
      bytes.get(array);
    }
    if (isTty) {
      stream.write(array, from, length);
    } else {
      (isError ? errors : output).write(array, from, from + length);
    }
  }

  /** The beginning of a line waits once for the rest of it: the next flush, a moment later, sends it as it is then. */
  @Override
  public void flush() throws IOException {
    output.flush();
    errors.flush();
    stream.begin();
    stream.flush();
  }

  /** Sends what has no end of line; the stream itself is the caller's to finish. */
  public void finish() throws IOException {
    output.send();
    errors.send();
  }

  @Override
  public boolean isClosed() {
    return stream.isGone();
  }

  /** The line of one of the two streams that has not ended yet. */
  private final class Line {
    private final boolean isError;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private boolean hasGrown;

    Line(boolean isError) {
      this.isError = isError;
    }

    void write(byte[] bytes, int from, int to) throws IOException {
      int start = from;
      for (int i = from; i < to; i++) {
        if (bytes[i] == '\n' || begun.size() + i + 1 - start == LINE_BYTES_MAX) {
          frame(bytes, start, i + 1 - start);
          start = i + 1;
        }
      }
      if (start < to) {
        begun.write(bytes, start, to - start);
        hasGrown = true;
      }
    }

    private void frame(byte[] bytes, int offset, int length) throws IOException {
      stream.write(Frames.header(isError, begun.size() + length), 0, Frames.HEADER_BYTES);
      if (begun.size() > 0) {
        begun.writeTo(stream);
        begun.reset();
      }
      stream.write(bytes, offset, length);
    }

    void flush() throws IOException {
      if (!hasGrown) {
        send();
      }
      hasGrown = false;
    }

    void send() throws IOException {
      if (begun.size() > 0) {
        frame(new byte[0], 0, 0);
      }
    }
  }
}
