package dev.tallyman.build;

import dev.tallyman.build.remote.Spool;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts files that come one by one, their bytes mixed, into one file on disk: each has its place from the moment that its size is known. */
final class ContextReceiver implements ClientFiles.Receiver {
  private final FileChannel file;
  private final BuildLimits limits;
  private final String what;
  private final ContextTree tree = new ContextTree();
  private final Map<Integer, Arrival> arriving = new HashMap<>();
  private final Map<Long, String> digests = new HashMap<>();
  private int entries;
  private long end;
  private long received;

  /** A file on its way. */
  private static final class Arrival {
    private final String path;
    private final long offset;
    private final long size;
    private @Nullable MessageDigest sum;
    private long count;

    Arrival(String path, long offset, long size) {
      this.path = path;
      this.offset = offset;
      this.size = size;
    }

    /** From its first bytes on: a client may tell a million files before it sends one. */
    private MessageDigest sum() {
      MessageDigest begun = sum;
      if (begun == null) {
        begun = Context.sha256();
        sum = begun;
      }
      return begun;
    }
  }

  /** @param file empty; @param what the name of the whole in messages */
  ContextReceiver(FileChannel file, BuildLimits limits, String what) {
    this.file = file;
    this.limits = limits;
    this.what = what;
  }

  @Override
  public boolean entry(int id, TarReader.Entry entry) throws IOException {
    if (++entries > limits.entriesMax()) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it has more than " + limits.entriesMax() + " entries");
    }
    String path = entry.name();
    if (path.isEmpty() || path.startsWith("/")) {
      throw new IOException("a path of the client is empty or absolute");
    }
    if (path.length() > TarReader.LONGEST_NAME || entry.link().length() > TarReader.LONGEST_NAME) {
      throw new IOException("a path or link of the client has more than " + TarReader.LONGEST_NAME + " characters");
    }
    long most = limits.contextMax().asLongValue();
    if (entry.size() < 0 || entry.size() > most || end + entry.size() > most) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it is larger than " + most + " bytes");
    }
    long offset = end;
    tree.add(entry, offset);
    if (entry.kind() != TarReader.Kind.FILE) {
      return false;
    }
    // Empty files need a place of their own, too: by it their digests are found.
    end += Math.max(entry.size(), 1);
    arriving.put(id, new Arrival(path, offset, entry.size()));
    return true;
  }

  @Override
  public void bytes(int id, ByteBuffer piece) throws IOException {
    Arrival arrival = arrival(id);
    int count = piece.remaining();
    if (count > arrival.size - arrival.count) {
      throw new IOException("'" + arrival.path + "' has more bytes than the client told: it changed while it was sent");
    }
    arrival.sum().update(piece.duplicate());
    try {
      while (piece.hasRemaining()) {
        arrival.count += file.write(piece, arrival.offset + arrival.count);
      }
    } catch (IOException e) {
      throw Spool.full(e);
    }
    received += count;
  }

  @Override
  public void end(int id) throws IOException {
    Arrival arrival = arrival(id);
    if (arrival.count != arrival.size) {
      throw new IOException("'" + arrival.path + "' has fewer bytes than the client told: it changed while it was sent, or cannot be read there");
    }
    digests.put(arrival.offset, HexFormat.of().formatHex(arrival.sum().digest()));
    arriving.remove(id);
  }

  private Arrival arrival(int id) throws IOException {
    Arrival arrival = arriving.get(id);
    if (arrival == null) {
      throw new IOException("the client sends a file that was not asked for");
    }
    return arrival;
  }

  /** Bytes of files that came. */
  long received() {
    return received;
  }

  /** What came. Its digest is of names, modes, links and contents; not of times, which no image depends on. */
  Context context() {
    MessageDigest sum = Context.sha256();
    add(sum, tree.root(), "");
    return new Context(file, tree, HexFormat.of().formatHex(sum.digest()), digests);
  }

  private void add(MessageDigest sum, ContextTree.Node directory, String prefix) {
    for (ContextTree.Node child : directory.children()) {
      String path = prefix + child.name;
      String content = child.isFile() ? String.valueOf(digests.get(child.offset)) : child.link;
      sum.update((path + "\0" + child.kind + "\0" + Integer.toOctalString(child.mode) + "\0" + content + "\0").getBytes(StandardCharsets.UTF_8));
      add(sum, child, path + "/");
    }
  }
}
