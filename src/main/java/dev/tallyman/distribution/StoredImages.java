package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Images of a content store, with the bounds that registries have. */
final class StoredImages implements ImageSource {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final ContentStore store;
  private final long leastPerMinute;

  StoredImages(ContentStore store, long leastPerMinute) {
    this.store = store;
    this.leastPerMinute = leastPerMinute;
  }

  @Override
  public Fetched manifest(String digest) throws IOException {
    byte[] bytes;
    try (InputStream in = new Paced(store.open(digest), Long.MAX_VALUE, count -> {})) {
      bytes = in.readNBytes(Manifest.LARGEST + 1);
    }
    if (bytes.length > Manifest.LARGEST) {
      throw new TallymanException(ErrorKind.INVALID, "invalid manifest: it is larger than " + Manifest.LARGEST + " bytes");
    }
    String actual = Manifest.digestOf(bytes);
    if (!actual.equals(digest)) {
      throw new TallymanException(ErrorKind.INVALID, "manifest verification failed for digest " + digest + ": " + store.name() + " has one with the digest " + actual);
    }
    return new Fetched(Manifest.parse(bytes, ""), bytes);
  }

  @Override
  public InputStream blob(Manifest.Descriptor blob, LongConsumer progress) throws IOException {
    return new Paced(store.open(blob.digest()), blob.size(), progress);
  }

  @Override
  public String storedLogin() {
    return "";
  }

  /** As many bytes as were announced, and not too slowly. */
  private final class Paced extends FilterInputStream {
    private final long size;
    private final LongConsumer progress;
    private long position;
    private long minuteStart = System.nanoTime();
    private long minuteBytes;

    /** @param size {@code Long.MAX_VALUE} when it is not known */
    Paced(InputStream in, long size, LongConsumer progress) {
      super(in);
      this.size = size;
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      boolean isKnown = size != Long.MAX_VALUE;
      if (isKnown && (count < 0 ? position < size : position + count > size)) {
        throw new TallymanException(ErrorKind.INVALID, store.name() + " has " + (count < 0 ? position : "more") + " bytes of a blob of which the manifest names " + size);
      }
      if (count > 0) {
        position += count;
        requireSpeed(count);
        progress.accept(position);
      }
      return count;
    }

    private void requireSpeed(int count) {
      minuteBytes += count;
      if (System.nanoTime() - minuteStart > MINUTE_NANOS) {
        if (minuteBytes < leastPerMinute) {
          throw new UnreachableException(store.name() + " is too slow: " + minuteBytes + " bytes in a minute");
        }
        minuteStart = System.nanoTime();
        minuteBytes = 0;
      }
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
