package dev.tallyman.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Joins small pieces of one stream to chunks, so that a client gets few large writes. */
final class ChunkBatch {
  private static final int BATCH_BYTES = 64 << 10;

  private final Logs.LogSink sink;
  private final byte[] bytes = new byte[BATCH_BYTES];
  private int length;
  private boolean isError;

  ChunkBatch(Logs.LogSink sink) {
    this.sink = sink;
  }

  void add(boolean error, byte[] from, int offset, int count) throws IOException {
    if (length > 0 && (error != isError || length + count > BATCH_BYTES)) {
      send();
    }
    if (count >= BATCH_BYTES / 2 && length == 0) {
      sink.write(error, ByteBuffer.wrap(from, offset, count));
      return;
    }
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
    isError = error;
  }

  private void send() throws IOException {
    if (length > 0) {
      int count = length;
      length = 0;
      sink.write(isError, ByteBuffer.wrap(bytes, 0, count));
    }
  }

  void flush() throws IOException {
    send();
    sink.flush();
  }
}
