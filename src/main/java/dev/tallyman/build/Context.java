package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An archive on disk and what is in it. Closing it gives the disk back. */
final class Context implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 17;

  private final Slices slices;
  private final ContextTree tree;
  private final String digest;
  private final Map<Long, String> digests;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  /** @param file without a name: it is gone when it is closed; @param digest of the whole archive, hex */
  Context(FileChannel file, ContextTree tree, String digest) {
    this(new Slices(file), tree, digest, Map.of(), true);
  }

  /** Takes a use of the file. @param slices in use; @param digests of files, as far as they are known, by their place */
  Context(Slices slices, ContextTree tree, String digest, Map<Long, String> digests) {
    this(slices, tree, digest, digests, slices.share());
  }

  private Context(Slices slices, ContextTree tree, String digest, Map<Long, String> digests, boolean isOpen) {
    if (!isOpen) {
      throw new IllegalStateException("the bytes of the context are gone");
    }
    this.digests = new ConcurrentHashMap<>(digests);
    this.slices = slices;
    this.tree = tree;
    this.digest = digest;
  }

  /** The same once more, closed for itself; absent when its bytes are gone. */
  @Nullable Context again() {
    return slices.share() ? new Context(slices, tree, digest, digests, true) : null;
  }

  /** Somebody else has it open, too. */
  boolean isShared() {
    return slices.uses() > 1;
  }

  ContextTree tree() {
    return tree;
  }

  String digest() {
    return digest;
  }

  /** The bytes of a file; need not be closed. */
  InputStream open(Node node) {
    return slices.input(node.offset, node.size);
  }

  /** @throws TallymanException INVALID when the file has more bytes than {@code most} */
  byte[] bytes(Node node, int most, String what) {
    if (node.size > most) {
      throw new TallymanException(ErrorKind.INVALID, what + " is larger than " + most + " bytes");
    }
    try {
      return open(node).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SHA-256 of a file's bytes, hex. */
  String digest(Node node) {
    return digests.computeIfAbsent(node.offset, offset -> sum(open(node)));
  }

  private static String sum(InputStream in) {
    MessageDigest sum = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      int count;
      while ((count = in.read(buffer)) >= 0) {
        sum.update(buffer, 0, count);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return HexFormat.of().formatHex(sum.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public void close() {
    if (isClosed.compareAndSet(false, true)) {
      slices.release();
    }
  }
}
