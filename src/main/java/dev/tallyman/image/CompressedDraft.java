package dev.tallyman.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** A plain blob with gzip around it, in a draft that is never published. */
final class CompressedDraft implements ImageParts.Compressed {
  private static final int BUFFER_BYTES = 1 << 17;

  private final BlobStore.Draft draft;
  private final Digest digest;

  private CompressedDraft(BlobStore.Draft draft, Digest digest) {
    this.draft = draft;
    this.digest = digest;
  }

  static CompressedDraft of(BlobStore blobs, Digest plain) throws IOException {
    BlobStore.Draft draft = blobs.draft();
    boolean isDone = false;
    try (FileChannel source = blobs.open(plain); InputStream in = Channels.newInputStream(source)) {
      try (OutputStream out = new Fast(new Into(draft))) {
        in.transferTo(out);
      }
      CompressedDraft compressed = new CompressedDraft(draft, draft.finish());
      isDone = true;
      return compressed;
    } finally {
      if (!isDone) {
        draft.close();
      }
    }
  }

  @Override
  public String digest() {
    return digest.toString();
  }

  @Override
  public long sizeBytes() {
    return draft.size();
  }

  @Override
  public InputStream open() throws IOException {
    return draft.open();
  }

  @Override
  public void close() {
    draft.close();
  }

  /** Level 1: five times as fast as the default for a tenth more bytes, and the disk or network is the slower part then. */
  private static final class Fast extends GZIPOutputStream {
    Fast(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private static final class Into extends FilterOutputStream {
    private final BlobStore.Draft draft;

    Into(BlobStore.Draft draft) {
      super(OutputStream.nullOutputStream());
      this.draft = draft;
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      draft.write(bytes, offset, length);
    }
  }
}
