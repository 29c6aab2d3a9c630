package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Layers;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes a layer in, in one pass over its bytes: what the unpacker reads is at the same time hashed and written to a blob; as it came, or plain
 * where no media type of layers names its compression. The layer gets a random name in the kernel's store, because its digest is known only at
 * the end; nothing refers to it until the inventory does.
 */
@ApplicationScoped
class LayerIntake {
  private static final Logger LOG = Logger.getLogger(LayerIntake.class);
  private static final int DRAIN_BYTES = 1 << 18;
  private static final int NAME_BYTES = 32;

  private final BlobStore blobs;
  private final Layers layers;
  private final ImageLimits limits;
  private final SecureRandom random = new SecureRandom();

  LayerIntake(BlobStore blobs, Layers layers, ImageLimits limits) {
    this.blobs = blobs;
    this.layers = layers;
    this.limits = limits;
  }

  /**
   * A layer on disk that no image names yet. Closing it takes it away again, unless it was kept.
   *
   * @param store its name in the kernel's store
   */
  final class Taken implements AutoCloseable {
    private final BlobStore.Draft draft;
    private final Digest source;
    private final long sourceBytes;
    private final Digest diffId;
    private final String store;
    private final long unpackedBytes;
    private boolean isKept;

    private Taken(BlobStore.Draft draft, Digest source, long sourceBytes, Digest diffId, String store, long unpackedBytes) {
      this.draft = draft;
      this.source = source;
      this.sourceBytes = sourceBytes;
      this.diffId = diffId;
      this.store = store;
      this.unpackedBytes = unpackedBytes;
    }

    Digest diffId() {
      return diffId;
    }

    /** Of the bytes as they came. */
    Digest source() {
      return source;
    }

    long sourceBytes() {
      return sourceBytes;
    }

    /** Of the bytes that are kept. */
    Digest blob() {
      try {
        return draft.finish();
      } catch (StorageFailure e) {
        throw StorageFailure.of(e);
      }
    }

    long blobBytes() {
      return draft.size();
    }

    String store() {
      return store;
    }

    long unpackedBytes() {
      return unpackedBytes;
    }

    /** Makes the blob visible; the caller's inventory row follows. */
    void publish() throws StorageFailure {
      blobs.publish(draft);
    }

    /** The inventory names it now. */
    void keep() {
      isKept = true;
    }

    @Override
    public void close() {
      draft.close();
      if (!isKept) {
        removeQuietly(store);
      }
    }
  }

  /**
   * Reads {@code source} to its end, which stays open.
   *
   * @throws TallymanException INVALID for a damaged or hostile archive, EXHAUSTED when a limit or the disk is reached
   */
  Taken take(InputStream source) {
    String store = newName();
    BlobStore.Draft draft = null;
    Tap tap = null;
    boolean isUnpacked = false;
    try {
      draft = blobs.draft();
      PushbackInputStream whole = new PushbackInputStream(source, Compression.SNIFFED_BYTES);
      byte[] head = whole.readNBytes(Compression.SNIFFED_BYTES);
      if (head.length == 0) {
        throw new TallymanException(ErrorKind.INVALID, "cannot unpack the layer: the archive is empty");
      }
      whole.unread(head);
      Compression compression = Compression.of(head);
      tap = new Tap(whole, draft, compression.isOfLayers());
      Taken taken = unpack(tap, compression, draft, store);
      ImageCrashPoint.LAYER_TAKEN.reached();
      isUnpacked = true;
      return taken;
    } catch (TallymanException e) {
      throw tap == null ? e : tap.causeOf(e);
    } catch (UncheckedIOException e) {
      // The kernel part wraps what the stream threw.
      throw tap == null ? damaged(e.getCause()) : tap.causeOf(damaged(e.getCause()));
    } catch (StorageFailure e) {
      throw StorageFailure.of(e);
    } catch (IOException e) {
      throw tap == null ? damaged(e) : tap.causeOf(damaged(e));
    } finally {
      if (!isUnpacked) {
        removeQuietly(store);
        if (draft != null) {
          draft.close();
        }
      }
    }
  }

  private Taken unpack(Tap tap, Compression compression, BlobStore.Draft draft, String store) throws IOException {
    if (compression == Compression.NONE) {
      long bytes = layers.unpack(store, new Plain(tap, tap, null));
      drain(tap);
      return new Taken(draft, draft.finish(), tap.count, draft.finish(), store, bytes);
    }
    MessageDigest sum = Digest.begin();
    try (InputStream unpacked = compression.unpack(tap)) {
      Plain plain = new Plain(unpacked, tap, sum);
      long bytes = layers.unpack(store, plain);
      drain(plain);
      drain(tap);
      Digest blob = draft.finish();
      return new Taken(draft, tap.isKept ? blob : Digest.finish(tap.sum), tap.count, Digest.finish(sum), store, bytes);
    }
  }

  /** The rest after the end of the archive (padding) belongs to the digest as well. */
  private static void drain(InputStream in) throws IOException {
    byte[] buffer = new byte[DRAIN_BYTES];
    while (in.read(buffer, 0, buffer.length) >= 0) {
      // Reading is what counts.
    }
  }

  /** A new name for a layer: 64 hex characters. */
  private String newName() {
    byte[] bytes = new byte[NAME_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void removeQuietly(String store) {
    try {
      layers.remove(store);
    } catch (TallymanException e) {
      LOG.warnf(e, "cannot remove the unused layer %s; the next start does", store);
    }
  }

  private static TallymanException damaged(IOException e) {
    return new TallymanException(ErrorKind.INVALID, "cannot unpack the layer: " + Texts.shortened(String.valueOf(e.getMessage())), e);
  }

  /** Copies what is read into the blob, if that is kept as it comes, and remembers the first failure, which the unpacker may have wrapped in one of its own. */
  private final class Tap extends ChunkedStream {
    private final InputStream source;
    private final BlobStore.Draft draft;
    private final boolean isKept;
    private final MessageDigest sum = Digest.begin();
    private long count;
    private @Nullable TallymanException failure;

    Tap(InputStream source, BlobStore.Draft draft, boolean isKept) {
      this.source = source;
      this.draft = draft;
      this.isKept = isKept;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        int read = source.read(bytes, offset, length);
        if (read > 0) {
          count += read;
          requireRoom(count);
          keep(bytes, offset, read);
        }
        return read;
      } catch (StorageFailure e) {
        remember(StorageFailure.of(e));
        throw e;
      } catch (IOException e) {
        remember(damaged(e));
        throw e;
      }
    }

    private void keep(byte[] bytes, int offset, int length) throws StorageFailure {
      if (isKept) {
        draft.write(bytes, offset, length);
      } else {
        sum.update(bytes, offset, length);
      }
    }

    /** Writes unpacked bytes, if the packed ones are not kept. */
    void keepPlain(byte[] bytes, int offset, int length) throws StorageFailure {
      if (isKept) {
        return;
      }
      try {
        draft.write(bytes, offset, length);
      } catch (StorageFailure e) {
        remember(StorageFailure.of(e));
        throw e;
      }
    }

    private void requireRoom(long bytes) throws IOException {
      if (bytes > limits.layerMax().asLongValue()) {
        throw limit("a layer may have at most " + limits.layerMax().asLongValue() + " bytes");
      }
    }

    IOException limit(String text) {
      remember(new TallymanException(ErrorKind.EXHAUSTED, "cannot unpack the layer: " + text));
      return new IOException(text);
    }

    void remember(TallymanException e) {
      if (failure == null) {
        failure = e;
      }
    }

    TallymanException causeOf(TallymanException e) {
      return failure == null ? e : failure;
    }
  }

  /** The uncompressed bytes, counted against the limits and hashed; a reader's close does not reach the source. */
  private final class Plain extends ChunkedStream {
    private final InputStream in;
    private final Tap tap;
    private final @Nullable MessageDigest sum;
    private long count;

    Plain(InputStream in, Tap tap, @Nullable MessageDigest sum) {
      this.in = in;
      this.tap = tap;
      this.sum = sum;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = readOrRemember(bytes, offset, length);
      if (read > 0 && sum != null) {
        count += read;
        requireBounds();
        sum.update(bytes, offset, read);
        tap.keepPlain(bytes, offset, read);
      }
      return read;
    }

    private int readOrRemember(byte[] bytes, int offset, int length) throws IOException {
      try {
        return in.read(bytes, offset, length);
      } catch (IOException e) {
        tap.remember(damaged(e));
        throw e;
      }
    }

    private void requireBounds() throws IOException {
      if (count > limits.layerMax().asLongValue()) {
        throw tap.limit("a layer may have at most " + limits.layerMax().asLongValue() + " bytes");
      }
      if (count > limits.freeExpansion().asLongValue() && count / limits.expansionMax() > tap.count) {
        throw tap.limit("it grows more than " + limits.expansionMax() + " times when decompressed");
      }
    }
  }
}
