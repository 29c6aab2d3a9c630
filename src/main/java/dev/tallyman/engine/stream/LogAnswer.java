package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.log.Logs.LogSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

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
    private final byte[] header; // of each of its frames, but for the length
    private byte[] begun = new byte[0];
    private int count; // of the bytes in begun
    private boolean hasWaited; // a flush has passed since begun was empty

    Line(boolean isError) {
      this.header = Frames.header(isError, 0);
    }

    void write(byte[] bytes, int from, int to) throws IOException {
      int start = from;
      while (start < to) {
        int longest = Math.min(to, start + LINE_BYTES_MAX - count);
        int end = start;
        while (end < longest && bytes[end] != '\n') {
          end++;
        }
        if (end < longest) {
          frame(bytes, start, end + 1 - start);
          start = end + 1;
        } else if (count + end - start == LINE_BYTES_MAX) {
          frame(bytes, start, end - start);
          start = end;
        } else {
          begin(bytes, start, end - start);
          return;
        }
      }
    }

    private void begin(byte[] bytes, int offset, int length) {
      if (begun.length < count + length) {
        begun = Arrays.copyOf(begun, Math.min(LINE_BYTES_MAX, Math.max(256, 2 * (count + length))));
      }
      System.arraycopy(bytes, offset, begun, count, length);
      count += length;
    }

    private void frame(byte[] bytes, int offset, int length) throws IOException {
      Frames.setLength(header, count + length);
      stream.write(header, 0, Frames.HEADER_BYTES);
      stream.write(begun, 0, count);
      stream.write(bytes, offset, length);
      count = 0;
      hasWaited = false;
    }

    void flush() throws IOException {
      if (hasWaited) {
        send();
      }
      hasWaited = count > 0;
    }

    void send() throws IOException {
      if (count > 0) {
        frame(begun, 0, 0);
      }
    }
  }
}
