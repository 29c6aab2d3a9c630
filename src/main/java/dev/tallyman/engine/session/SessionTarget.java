package dev.tallyman.engine.session;

import dev.tallyman.build.FileTarget;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The client's end of an export: a file for an archive, or a folder, of which it says which files it has not already. */
public final class SessionTarget implements FileTarget {
  private static final String METHOD = "/moby.filesync.v1.FileSend/DiffCopy";
  private static final String EXPORTER = "buildkit-attachable-exporter-id";
  private static final int WAIT_SECONDS = 300;
  private static final int PIECE_BYTES = 64 << 10;
  /** Whatever a client does to make it last: as long, some gigabytes come through a thin line. */
  private static final long MOST_NANOS = TimeUnit.HOURS.toNanos(6);
  /** What a client may say when it has been sent all: an end of its own. */
  private static final int MOST_LAST_WORDS = 16;

  private static final int STAT = 0;
  private static final int REQUEST = 1;
  private static final int DATA = 2;
  private static final int FIN = 3;
  private static final int ERROR = 4;

  /** File modes of Go. */
  private static final long DIRECTORY = 1L << 31;
  private static final long SYMBOLIC = 1L << 27;
  private static final long PIPE = 1L << 25;
  private static final long SETUID = 1L << 23;
  private static final long SETGID = 1L << 22;
  private static final long STICKY = 1L << 20;

  private final SessionConnection connection;
  private final boolean isArchive;
  private volatile @Nullable GrpcCall running;
  private volatile boolean isCancelled;
  private long start;

  SessionTarget(SessionConnection connection, boolean isArchive) {
    this.connection = connection;
    this.isArchive = isArchive;
  }

  @Override
  public void take(Files files) throws IOException {
    start = System.nanoTime();
    try (GrpcCall call = connection.call(METHOD, Map.of(EXPORTER, List.of("0")))) {
      running = call;
      if (isCancelled) {
        throw new IOException("the export was cancelled");
      }
      if (isArchive) {
        archive(call, files);
      } else {
        new Folder(call, files.entries()).send();
      }
      call.endOfMessages();
      // Only with its status the client has all.
      for (int words = 0; call.receive(WAIT_SECONDS) != null; words++) {
        if (words > MOST_LAST_WORDS) {
          throw new IOException("the client has all files and does not end the transfer");
        }
      }
    } finally {
      running = null;
    }
  }

  /** Breaks off what runs; from another thread. */
  public void cancel() {
    isCancelled = true;
    GrpcCall call = running;
    if (call != null) {
      call.close();
    }
  }

  private void archive(GrpcCall call, Files files) throws IOException {
    try (InputStream tar = files.tar()) {
      byte[] buffer = new byte[PIECE_BYTES];
      for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
        requireTime();
        call.send(new ProtoWriter().bytes(1, Arrays.copyOf(buffer, count)));
      }
    }
  }

  private void requireTime() throws IOException {
    if (System.nanoTime() - start > MOST_NANOS) {
      throw new IOException("the client has not taken the files within " + TimeUnit.NANOSECONDS.toHours(MOST_NANOS) + " hours");
    }
  }

  /** Files one by one, each once. */
  private final class Folder {
    private final GrpcCall call;
    private final List<Entry> entries;
    private final BitSet sent = new BitSet();

    Folder(GrpcCall call, List<Entry> entries) {
      this.call = call;
      this.entries = entries;
    }

    void send() throws IOException {
      for (Entry each : entries) {
        call.send(new ProtoWriter().number(1, STAT).message(2, stat(each)));
      }
      call.send(new ProtoWriter().number(1, STAT));
      while (true) {
        requireTime();
        byte[] message = call.receive(WAIT_SECONDS);
        if (message == null) {
          throw new IOException("the client ended the transfer before its end");
        }
        if (answer(new ProtoReader(message))) {
          call.send(new ProtoWriter().number(1, FIN));
          return;
        }
      }
    }

    /** @return true when the client has all that it wants */
    private boolean answer(ProtoReader message) throws IOException {
      int type = STAT;
      long id = 0;
      String text = "";
      for (int field = message.next(); field != 0; field = message.next()) {
        switch (field) {
          case 1 -> type = (int) message.number();
          case 3 -> id = message.number();
          case 4 -> text = message.text();
          default -> message.skip();
        }
      }
      switch (type) {
        case REQUEST -> send(id);
        case FIN -> {
          return true;
        }
        case ERROR -> throw new IOException("the client cannot take the files: " + text.substring(0, Math.min(text.length(), 1000)));
        default -> throw new IOException("the client sent what has no place in a transfer");
      }
      return false;
    }

    private void send(long id) throws IOException {
      if (id < 0 || id >= entries.size() || entries.get((int) id).kind() != Kind.FILE) {
        throw new IOException("the client asks for a file that there is not");
      }
      if (sent.get((int) id)) {
        throw new IOException("the client asks for '" + entries.get((int) id).path() + "' a second time");
      }
      sent.set((int) id);
      try (InputStream content = entries.get((int) id).content().open()) {
        byte[] buffer = new byte[PIECE_BYTES];
        for (int count = content.read(buffer); count > 0; count = content.read(buffer)) {
          requireTime();
          call.send(new ProtoWriter().number(1, DATA).number(3, id).bytes(4, Arrays.copyOf(buffer, count)));
        }
      }
      call.send(new ProtoWriter().number(1, DATA).number(3, id));
    }
  }

  private static ProtoWriter stat(Entry entry) {
    long bits = entry.mode() & 0777 | ((entry.mode() & 04000) != 0 ? SETUID : 0) | ((entry.mode() & 02000) != 0 ? SETGID : 0) | ((entry.mode() & 01000) != 0 ? STICKY : 0);
    long mode = bits | (entry.kind() == Kind.DIRECTORY ? DIRECTORY : 0) | (entry.kind() == Kind.LINK ? SYMBOLIC : 0) | (entry.kind() == Kind.PIPE ? PIPE : 0);
    long nanos = Math.multiplyExact(Math.max(Math.min(entry.modifiedAt().getEpochSecond(), Integer.MAX_VALUE * 2L), 0), 1_000_000_000L);
    return new ProtoWriter().text(1, entry.path()).number(2, mode).number(3, entry.uid() & 0xffffffffL).number(4, entry.gid() & 0xffffffffL).number(5, entry.size()).number(6, nanos).text(7, entry.link());
  }
}
