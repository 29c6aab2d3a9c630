package dev.tallyman.build;

import dev.tallyman.build.remote.Spool;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts files that come one by one, their bytes mixed, into one file on disk: each has its place from the moment that its size is known. What is there
 * already is not asked for.
 */
final class ContextReceiver implements ClientFiles.Receiver {
  private final ContextStore.Transfer transfer;
  private final BuildLimits limits;
  private final String what;
  private final ContextTree tree = new ContextTree();
  private final Map<Integer, Arrival> arriving = new HashMap<>();
  private final Map<Long, String> digests = new HashMap<>();
  private int entries;
  private long told;
  private long received;

  /** A file on its way. */
  private static final class Arrival {
    private final TarReader.Entry entry;
    private final long nanos;
    private final long offset;
    private @Nullable MessageDigest sum;
    private long count;

    Arrival(TarReader.Entry entry, long nanos, long offset) {
      this.entry = entry;
      this.nanos = nanos;
      this.offset = offset;
    }

    private String path() {
      return entry.name();
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

  /** @param transfer it is the caller's to end it; @param what the name of the whole in messages */
  ContextReceiver(ContextStore.Transfer transfer, BuildLimits limits, String what) {
    this.transfer = transfer;
    this.limits = limits;
    this.what = what;
  }

  @Override
  public boolean entry(int id, TarReader.Entry entry, long nanos) throws IOException {
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
    if (entry.size() < 0 || entry.size() > most || told + entry.size() > most) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it is larger than " + most + " bytes");
    }
    if (entry.kind() != TarReader.Kind.FILE) {
      tree.add(entry, 0);
      return false;
    }
    told += entry.size();
    ContextIndex.File known = transfer.unchanged(entry, nanos);
    if (known != null) {
      tree.add(entry, known.offset());
      digests.put(known.offset(), known.digest());
      return false;
    }
    // Empty files need a place of their own, too: by it their digests are found.
    long offset = transfer.slices().place(Math.max(entry.size(), 1));
    tree.add(entry, offset);
    arriving.put(id, new Arrival(entry, nanos, offset));
    return true;
  }

  @Override
  public void bytes(int id, ByteBuffer piece) throws IOException {
    Arrival arrival = arrival(id);
    int count = piece.remaining();
    if (count > arrival.entry.size() - arrival.count) {
      throw new IOException("'" + arrival.path() + "' has more bytes than the client told: it changed while it was sent");
    }
    arrival.sum().update(piece.duplicate());
    try {
      transfer.slices().write(piece, arrival.offset + arrival.count);
    } catch (IOException e) {
      throw Spool.full(e);
    }
    arrival.count += count;
    received += count;
  }

  @Override
  public void end(int id) throws IOException {
    Arrival arrival = arrival(id);
    if (arrival.count != arrival.entry.size()) {
      throw new IOException("'" + arrival.path() + "' has fewer bytes than the client told: it changed while it was sent, or cannot be read there");
    }
    String digest = HexFormat.of().formatHex(arrival.sum().digest());
    digests.put(arrival.offset, digest);
    transfer.came(arrival.path(), ContextIndex.File.of(arrival.entry, arrival.nanos, arrival.offset, digest));
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
    return new Context(transfer.slices(), tree, HexFormat.of().formatHex(sum.digest()), digests);
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
