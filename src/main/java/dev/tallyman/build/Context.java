package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** An archive on disk and what is in it. Closing it gives the disk back. */
final class Context implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 17;

  private final FileChannel file;
  private final ContextTree tree;
  private final String digest;
  private final Map<Long, String> digests;

  /** @param file without a name: it is gone when it is closed; @param digest of the whole archive, hex */
  Context(FileChannel file, ContextTree tree, String digest) {
    this(file, tree, digest, Map.of());
  }

  /** @param digests of files, as far as they are known, by their place */
  Context(FileChannel file, ContextTree tree, String digest, Map<Long, String> digests) {
    this.digests = new ConcurrentHashMap<>(digests);
    this.file = file;
    this.tree = tree;
    this.digest = digest;
  }

  ContextTree tree() {
    return tree;
  }

  String digest() {
    return digest;
  }

  /** The bytes of a file; need not be closed. */
  InputStream open(Node node) {
    return new InputStream() {
      private long at = node.offset;
      private final long end = node.offset + node.size;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        if (at >= end) {
          return -1;
        }
        int count = file.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - at)), at);
        at += Math.max(count, 0);
        return count;
      }
    };
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
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
