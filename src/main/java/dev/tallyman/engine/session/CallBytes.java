package dev.tallyman.engine.session;

import dev.tallyman.engine.grpc.ProtoReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Bytes that a client sends in the messages of one call. */
class CallBytes extends InputStream {
  private static final String UPLOAD = "/moby.upload.v1.Upload/Pull";
  /** From one byte to the next, whatever else comes. Whoever makes the archive may take his time. */
  private static final int WAIT_SECONDS = 300;
  /** In a row. Clients send pieces of what they read, of which none is empty. */
  private static final int MOST_EMPTY = 100;

  private final GrpcCall call;
  private final int field;
  private final LongSupplier clock;
  private ByteBuffer rest = ByteBuffer.allocate(0);
  private boolean isEnded;

  /** @param field of its messages that has them */
  CallBytes(GrpcCall call, int field) {
    this(call, field, System::nanoTime);
  }

  CallBytes(GrpcCall call, int field, LongSupplier clock) {
    this.call = call;
    this.field = field;
    this.clock = clock;
  }

  /** What a client reads from its standard input and gives away once: an archive. @param host and path of the address that the client made up for it */
  static InputStream upload(SessionConnection connection, String host, String path) throws IOException {
    return new CallBytes(connection.call(UPLOAD, Map.of("urlhost", List.of(host), "urlpath", List.of(path))), 1);
  }

  @Override
  public int read() throws IOException {
    return fill() ? rest.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, rest.remaining());
    rest.get(into, offset, count);
    return count;
  }

  private boolean fill() throws IOException {
    long start = clock.getAsLong();
    for (int empty = 0; !rest.hasRemaining() && !isEnded; empty++) {
      if (empty > MOST_EMPTY) {
        throw new IOException("the client sends messages without bytes, one after the other");
      }
      long left = WAIT_SECONDS - TimeUnit.NANOSECONDS.toSeconds(clock.getAsLong() - start);
      if (left <= 0) {
        throw new IOException("the client has sent no bytes for " + WAIT_SECONDS + " seconds");
      }
      byte[] message = call.receive(left);
      if (message == null) {
        isEnded = true;
      } else {
        take(new ProtoReader(message));
      }
    }
    return rest.hasRemaining();
  }

  private void take(ProtoReader message) throws IOException {
    for (int each = message.next(); each != 0; each = message.next()) {
      if (each == field) {
        rest = message.bytes();
      } else {
        message.skip();
      }
    }
  }

  @Override
  public void close() {
    call.close();
  }
}
