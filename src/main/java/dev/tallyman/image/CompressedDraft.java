package dev.tallyman.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/** The tar of a blob with gzip around it, in a draft that is never published. */
final class CompressedDraft implements ImageParts.Compressed {
  private static final int BUFFER_BYTES = 1 << 18;

  private final BlobStore.Draft draft;
  private final Digest digest;

  private CompressedDraft(BlobStore.Draft draft, Digest digest) {
    this.draft = draft;
    this.digest = digest;
  }

  /** @param before how the blob is packed */
  static CompressedDraft of(BlobStore blobs, Digest blob, Compression before) throws IOException {
    BlobStore.Draft draft = blobs.scratch();
    boolean isDone = false;
    try (FileChannel source = blobs.open(blob); InputStream in = before.unpack(Channels.newInputStream(source))) {
      try (OutputStream out = new FastGzip(new Into(draft))) {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          out.write(buffer, 0, count);
        }
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
