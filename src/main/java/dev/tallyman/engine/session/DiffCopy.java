package dev.tallyman.engine.session;

import dev.tallyman.build.ClientFiles;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Files of a client's folder: it tells of all of them, the bytes of those that are asked for come after that, several files at a time. What it
 * tells is not believed: the receiver checks it.
 */
final class DiffCopy implements ClientFiles {
  private static final String METHOD = "/moby.filesync.v1.FileSync/DiffCopy";
  /** A folder of which everything is excluded can take its time without a word. */
  private static final int WAIT_SECONDS = 300;
  /** Few enough that the questions always fit into what may be on its way: both sides waiting for each other to read would be the end. */
  private static final int MOST_ASKED = 64;

  private static final int STAT = 0;
  private static final int REQUEST = 1;
  private static final int DATA = 2;
  private static final int FIN = 3;
  private static final int ERROR = 4;

  /** File modes of Go. */
  private static final long DIRECTORY = 1L << 31;
  private static final long SYMBOLIC = 1L << 27;
  private static final long PIPE = 1L << 25;
  private static final long SOCKET = 1L << 24;
  private static final long OTHER_TYPES = 1L << 26 | 1L << 21 | 1L << 19;
  private static final long SETUID = 1L << 23;
  private static final long SETGID = 1L << 22;
  private static final long STICKY = 1L << 20;

  private final SessionConnection connection;
  private volatile @Nullable GrpcCall running;
  private volatile boolean isCancelled;

  DiffCopy(SessionConnection connection) {
    this.connection = connection;
  }

  @Override
  public String place(String folder) {
    String key = connection.sharedKey();
    return key.isEmpty() ? "" : folder + "\n" + key;
  }

  @Override
  public void copy(String folder, List<String> paths, List<String> excludes, Receiver receiver) throws IOException {
    Map<String, List<String>> wish = Map.of("dir-name", List.of(folder), "followpaths", paths, "exclude-patterns", excludes);
    try (GrpcCall call = connection.call(METHOD, wish)) {
      running = call;
      if (isCancelled) {
        throw new TallymanException(ErrorKind.CONFLICT, "the build was cancelled");
      }
      new Transfer(call, receiver).run();
    } finally {
      running = null;
    }
  }

  @Override
  public void cancel() {
    isCancelled = true;
    GrpcCall call = running;
    if (call != null) {
      call.close();
    }
  }

  private static final class Transfer {
    private final GrpcCall call;
    private final Receiver receiver;
    private final Set<Integer> asked = new HashSet<>();
    private final ArrayDeque<Integer> wanted = new ArrayDeque<>();
    private int told;
    private boolean isToldAll;

    Transfer(GrpcCall call, Receiver receiver) {
      this.call = call;
      this.receiver = receiver;
    }

    void run() throws IOException {
      while (!isToldAll || !asked.isEmpty()) {
        byte[] message = call.receive(WAIT_SECONDS);
        if (message == null) {
          throw new IOException("the client ended the transfer before its end");
        }
        take(new ProtoReader(message));
      }
      call.send(new ProtoWriter().number(1, FIN));
      call.endOfMessages();
      // What it says after that changes nothing; but only with its end the client takes the transfer for whole.
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
      while (System.nanoTime() < end && call.receive(WAIT_SECONDS) != null) {
        // Its own FIN.
      }
    }

    private void take(ProtoReader reader) throws IOException {
      int type = STAT;
      int id = 0;
      ProtoReader stat = null;
      ByteBuffer data = ByteBuffer.allocate(0);
      for (int field = reader.next(); field != 0; field = reader.next()) {
        switch (field) {
          case 1 -> type = (int) reader.number();
          case 2 -> stat = reader.message();
          case 3 -> id = (int) reader.number();
          case 4 -> data = reader.bytes();
          default -> reader.skip();
        }
      }
      switch (type) {
        case STAT -> tell(stat);
        case DATA -> data(id, data);
        case ERROR -> throw new IOException("the client cannot send its files: " + text(data));
        default -> throw new IOException("the client sent what has no place in a transfer");
      }
    }

    private static String text(ByteBuffer data) {
      byte[] bytes = new byte[Math.min(data.remaining(), 1000)];
      data.get(bytes);
      return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    private void tell(@Nullable ProtoReader stat) throws IOException {
      if (isToldAll) {
        throw new IOException("the client tells of files after their end");
      }
      if (stat == null) {
        isToldAll = true;
        return;
      }
      int id = told++;
      if (isWanted(id, stat)) {
        wanted.add(id);
        ask();
      }
    }

    private void ask() throws IOException {
      while (asked.size() < MOST_ASKED && !wanted.isEmpty()) {
        int id = wanted.remove();
        asked.add(id);
        call.send(new ProtoWriter().number(1, REQUEST).number(3, id));
      }
    }

    private void data(int id, ByteBuffer data) throws IOException {
      if (!asked.contains(id)) {
        throw new IOException("the client sends a file that was not asked for");
      }
      if (data.hasRemaining()) {
        receiver.bytes(id, data);
        return;
      }
      asked.remove(id);
      receiver.end(id);
      ask();
    }

    private boolean isWanted(int id, ProtoReader stat) throws IOException {
      String path = "";
      String link = "";
      long mode = 0;
      long size = 0;
      long nanos = 0;
      long uid = 0;
      long gid = 0;
      for (int field = stat.next(); field != 0; field = stat.next()) {
        switch (field) {
          case 1 -> path = stat.text();
          case 2 -> mode = stat.number() & 0xffffffffL;
          case 3 -> uid = stat.number() & 0xffffffffL;
          case 4 -> gid = stat.number() & 0xffffffffL;
          case 5 -> size = stat.number();
          case 6 -> nanos = stat.number();
          case 7 -> link = stat.text();
          default -> stat.skip();
        }
      }
      if ((mode & OTHER_TYPES) != 0) {
        throw new IOException("'" + path + "' is a device; leave it out by .dockerignore");
      }
      boolean isDirectory = (mode & DIRECTORY) != 0;
      boolean isSymbolic = (mode & SYMBOLIC) != 0;
      boolean isHard = !isDirectory && !isSymbolic && !link.isEmpty();
      boolean isPipe = (mode & PIPE) != 0;
      TarReader.Kind kind = isDirectory ? TarReader.Kind.DIRECTORY : isSymbolic || isHard ? TarReader.Kind.LINK : isPipe ? TarReader.Kind.PIPE : TarReader.Kind.FILE;
      int bits = (int) (mode & 0777) | ((mode & SETUID) != 0 ? 04000 : 0) | ((mode & SETGID) != 0 ? 02000 : 0) | ((mode & STICKY) != 0 ? 01000 : 0);
      boolean isSocket = kind == TarReader.Kind.FILE && (mode & SOCKET) != 0;
      long bytes = kind == TarReader.Kind.FILE && !isSocket ? size : 0;
      boolean isNew = receiver.entry(id, new TarReader.Entry(path, kind, bytes, link, isHard, bits, TimeUnit.NANOSECONDS.toSeconds(nanos), uid, gid), nanos);
      if (isNew && isSocket) {
        receiver.end(id); // an empty file, as with BuildKit; the client has nothing to send
      }
      return isNew && !isSocket;
    }
  }
}
