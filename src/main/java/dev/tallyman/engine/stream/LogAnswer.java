package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.log.Logs.LogSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Sends recorded output as a long answer. */
public final class LogAnswer implements LogSink {
  private final AnswerStream stream;
  private final boolean isTty;

  public LogAnswer(AnswerStream stream, boolean isTty) {
    this.stream = stream;
    this.isTty = isTty;
  }

  @Override
  public void write(boolean isError, ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (length == 0) {
      return;
    }
    if (!isTty) {
      stream.write(Frames.header(isError, length), 0, Frames.HEADER_BYTES);
    }
    if (bytes.hasArray()) {
      stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), length);
      bytes.position(bytes.limit());
    } else {
      byte[] copy = new byte[length];
      bytes.get(copy);
      stream.write(copy, 0, length);
    }
  }

  @Override
  public void flush() throws IOException {
    stream.begin();
    stream.flush();
  }

  @Override
  public boolean isClosed() {
    return stream.isGone();
  }
}
