package dev.tallyman.engine.session;

import dev.tallyman.distribution.ContentStore;
import dev.tallyman.engine.grpc.GrpcStatus;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A folder of the client in the layout of OCI, by containerd's service of content. */
public final class SessionStore implements ContentStore {
  private static final String CONTENT = "/containerd.services.content.v1.Content/";
  private static final String ID = "buildkit-attachable-store-id";
  private static final int DATA = 2;
  private static final int WAIT_SECONDS = 300;
  private static final int PIECE_BYTES = 512 << 10;
  /** Whatever a client does to make it last, for one blob: a minute for each mebibyte, and some to begin with. */
  private static final long SPARE_MINUTES = 5;
  private static final long MOST_MINUTES = TimeUnit.HOURS.toMinutes(6);

  private static final int STAT = 0;
  private static final int WRITE = 1;
  private static final int COMMIT = 2;

  private final SessionConnection connection;
  private final String id;
  private final Set<GrpcCall> running = ConcurrentHashMap.newKeySet();
  private volatile boolean isCancelled;

  SessionStore(SessionConnection connection, String id) {
    this.connection = connection;
    this.id = id;
  }

  @Override
  public String name() {
    return "the client's folder " + id;
  }

  private GrpcCall call(String method) throws IOException {
    GrpcCall call = connection.call(CONTENT + method, Map.of(ID, List.of(id)));
    running.add(call);
    if (isCancelled) {
      end(call);
      throw new IOException("the build was cancelled");
    }
    return call;
  }

  private void end(GrpcCall call) {
    running.remove(call);
    call.close();
  }

  @Override
  public InputStream open(String digest) throws IOException {
    GrpcCall call = call("Read");
    boolean isOpen = false;
    try {
      call.send(new ProtoWriter().text(1, digest));
      call.endOfMessages();
      isOpen = true;
    } finally {
      if (!isOpen) {
        end(call);
      }
    }
    return new CallBytes(call, DATA) {
      @Override
      public void close() {
        end(call);
      }
    };
  }

  @Override
  public void put(String digest, long size, InputStream content) throws IOException {
    GrpcCall call = call("Write");
    try {
      write(call, digest, size, content);
      call.endOfMessages();
    } catch (GrpcException e) {
      if (e.status() != GrpcStatus.ALREADY_EXISTS) {
        throw e;
      }
    } finally {
      end(call);
    }
  }

  static long mostNanos(long size) {
    return TimeUnit.MINUTES.toNanos(Math.min(MOST_MINUTES, SPARE_MINUTES + (size >> 20)));
  }

  /** Each message has an answer, which is waited for. */
  private static void write(GrpcCall call, String digest, long size, InputStream content) throws IOException {
    long start = System.nanoTime();
    ask(call, message(STAT, digest, size, 0));
    long offset = 0;
    for (byte[] piece = content.readNBytes(PIECE_BYTES); piece.length > 0; piece = content.readNBytes(PIECE_BYTES)) {
      if (System.nanoTime() - start > mostNanos(size)) {
        throw new IOException("the client has not taken a blob within " + TimeUnit.NANOSECONDS.toMinutes(mostNanos(size)) + " minutes");
      }
      ask(call, message(WRITE, digest, size, offset).bytes(6, piece));
      offset += piece.length;
    }
    ask(call, message(COMMIT, digest, size, offset));
  }

  private static ProtoWriter message(int action, String digest, long size, long offset) {
    return new ProtoWriter().number(1, action).text(2, "tallyman-" + digest).number(3, size).text(4, digest).number(5, offset);
  }

  private static void ask(GrpcCall call, ProtoWriter message) throws IOException {
    call.send(message);
    if (call.receive(WAIT_SECONDS) == null) {
      throw new IOException("the client ended the transfer of a blob before its end");
    }
  }

  /** Breaks off what runs; from another thread. */
  public void cancel() {
    isCancelled = true;
    running.forEach(GrpcCall::close);
  }
}
