package dev.tallyman.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/** A blob that is sent, in large pieces: the library's own are 4 KiB each. The sender closes the content. */
final class BlobBody extends AbstractHttpEntity {
  private static final int PIECE_BYTES = 1 << 17;

  private final InputStream content;
  private final long size;

  BlobBody(InputStream content, long size) {
    super(ContentType.APPLICATION_OCTET_STREAM, null);
    this.content = content;
    this.size = size;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    long left = size;
    while (left > 0) {
      int count = content.read(piece, 0, (int) Math.min(piece.length, left));
      if (count < 0) {
        throw new IOException("the blob ended " + left + " bytes early");
      }
      out.write(piece, 0, count);
      left -= count;
    }
  }

  @Override
  public InputStream getContent() {
    return content;
  }

  @Override
  public long getContentLength() {
    return size;
  }

  @Override
  public boolean isStreaming() {
    return true;
  }

  @Override
  public void close() throws IOException {
    content.close();
  }
}
