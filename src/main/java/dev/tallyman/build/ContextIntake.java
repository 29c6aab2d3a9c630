package dev.tallyman.build;

import dev.tallyman.build.remote.Spool;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ChunkedStream;
import dev.tallyman.image.Compression;
import dev.tallyman.image.TarReader;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Puts archives on disk as they come and notes what is in them; nothing is extracted. */
@Singleton
class ContextIntake {
  private static final int BUFFER_BYTES = 1 << 17;

  private final Spool spool;
  private final BuildLimits limits;
  private final ContextStore store;

  @Inject
  ContextIntake(@ConfigProperty(name = "tallyman.state", defaultValue = "/var/lib/tallyman") Path state, BuildLimits limits, ContextStore store) {
    this.store = store;
    this.spool = new Spool(state);
    this.limits = limits;
  }

  /**
   * @param source a tar, plain or packed with gzip, zstd, xz or bzip2; read to its end
   * @param what its name in messages
   * @throws TallymanException INVALID for a damaged or hostile archive, EXHAUSTED at a limit or on a full disk
   */
  Context take(InputStream source, String what) {
    FileChannel file = null;
    boolean isWhole = false;
    try {
      file = spool.file();
      Context context = read(source, file, what);
      isWhole = true;
      return context;
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot read " + what + ": " + e.getMessage(), e);
    } finally {
      if (file != null && !isWhole) {
        closeQuietly(file);
      }
    }
  }

  /** The same for a tar that is made of {@code packed} bytes and must not grow from them without measure. */
  Context take(InputStream source, long packed, String what) {
    Guard outer = new Guard(InputStream.nullInputStream(), null, what, limits);
    outer.count = packed;
    return take(new Guard(source, outer, what, limits), what);
  }

  /** A context without files. */
  Context nothing() {
    try (ContextStore.Transfer transfer = store.begin(null)) {
      return new ContextReceiver(transfer, limits, "an empty context").context();
    }
  }

  /** Takes a folder of a client of which nothing is kept. */
  Context copy(ClientFiles files, String folder, List<String> paths, List<String> excludes, String what, BuildOutput output) {
    return copy(files, null, folder, paths, excludes, what, output);
  }

  /**
   * Takes a folder of a client.
   *
   * @param place where what is taken is kept for the next time; absent: it is not
   * @param what its name in messages
   * @throws TallymanException INVALID for a client that fails or lies, EXHAUSTED at a limit or on a full disk
   */
  Context copy(ClientFiles files, ContextStore.@Nullable Place place, String folder, List<String> paths, List<String> excludes, String what, BuildOutput output) {
    try (ContextStore.Transfer transfer = store.begin(place)) {
      ContextReceiver receiver = new ContextReceiver(transfer, limits, what);
      files.copy(folder, paths, excludes, receiver);
      output.transfer().bytes("transferring " + folder, "", receiver.received(), 0);
      transfer.keep(paths);
      return receiver.context();
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot read " + what + ": " + e.getMessage(), e);
    }
  }

  /**
   * Puts one file on disk, as the only one of an archive.
   *
   * @param source read to its end
   * @param mode permission bits
   * @throws TallymanException EXHAUSTED at a limit or on a full disk
   */
  Context file(InputStream source, String name, int mode, long mtimeSeconds, String what) {
    FileChannel file = null;
    boolean isWhole = false;
    try {
      file = spool.file();
      MessageDigest sum = Context.sha256();
      Copying copy = new Copying(new Guard(source, null, what, limits), new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES), sum);
      drain(copy, new byte[BUFFER_BYTES]);
      copy.flush();
      ContextTree tree = new ContextTree();
      tree.add(new TarReader.Entry(name, TarReader.Kind.FILE, copy.count, "", false, mode, mtimeSeconds, 0, 0), 0);
      isWhole = true;
      return new Context(file, tree, HexFormat.of().formatHex(sum.digest()));
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot read " + what + ": " + e.getMessage(), e);
    } finally {
      if (file != null && !isWhole) {
        closeQuietly(file);
      }
    }
  }

  private static void closeQuietly(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      // There is nothing of value in it.
    }
  }

  private Context read(InputStream source, FileChannel file, String what) throws IOException {
    Guard packed = new Guard(source, null, what, limits);
    InputStream buffered = new BufferedInputStream(packed, BUFFER_BYTES);
    byte[] head = buffered.readNBytes(Compression.SNIFFED_BYTES);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), buffered);
    Compression compression = Compression.of(head);
    InputStream plain = compression == Compression.NONE ? whole : new BufferedInputStream(new Guard(compression.unpack(whole), packed, what, limits), BUFFER_BYTES);
    MessageDigest sum = Context.sha256();
    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER_BYTES);
    Copying tar = new Copying(plain, out, sum);
    ContextTree tree = new ContextTree();
    TarReader reader = new TarReader(tar, true);
    byte[] buffer = new byte[BUFFER_BYTES];
    int entries = 0;
    TarReader.Entry entry;
    while ((entry = reader.next()) != null) {
      if (++entries > limits.entriesMax()) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it has more than " + limits.entriesMax() + " entries");
      }
      tree.add(entry, tar.count);
      drain(reader.content(), buffer);
    }
    drain(tar, buffer); // a sender that is not read to the end takes its pipe for broken
    drain(packed, buffer);
    tar.flush();
    return new Context(file, tree, HexFormat.of().formatHex(sum.digest()));
  }

  private static void drain(InputStream in, byte[] buffer) throws IOException {
    while (in.read(buffer, 0, buffer.length) >= 0) {
      // Reading is what counts.
    }
  }

  /** An archive within an archive, unpacked; never more than the limits allow. */
  InputStream unpacked(InputStream packed, Compression compression, String what) throws IOException {
    Guard outer = new Guard(packed, null, what, limits);
    return new Guard(compression.unpack(outer), outer, what, limits);
  }

  /** Writes to disk what is read. */
  private static final class Copying extends ChunkedStream {
    private final InputStream in;
    private final OutputStream out;
    private final MessageDigest sum;
    private long count;

    Copying(InputStream in, OutputStream out, MessageDigest sum) {
      this.in = in;
      this.out = out;
      this.sum = sum;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      if (read > 0) {
        sum.update(bytes, offset, read);
        count += read;
        try {
          out.write(bytes, offset, read);
        } catch (IOException e) {
          throw Spool.full(e);
        }
      }
      return read;
    }

    void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw Spool.full(e);
      }
    }
  }

  /** Counts bytes against the limits. */
  private static final class Guard extends ChunkedStream {
    private final InputStream in;
    private final @Nullable Guard packed;
    private final String what;
    private final BuildLimits limits;
    private long count;

    Guard(InputStream in, @Nullable Guard packed, String what, BuildLimits limits) {
      this.in = in;
      this.packed = packed;
      this.what = what;
      this.limits = limits;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      count += Math.max(read, 0);
      if (count > limits.contextMax().asLongValue()) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it is larger than " + limits.contextMax().asLongValue() + " bytes");
      }
      if (packed != null && count > limits.freeExpansion().asLongValue() && count / limits.expansionMax() > packed.count) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it grows more than " + limits.expansionMax() + " times when unpacked");
      }
      return read;
    }
  }
}
