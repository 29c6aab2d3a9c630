package dev.tallyman.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;

/** An archive that may be packed with gzip, zstd, xz or bzip2; told by its first bytes, as Docker does. */
public final class PackedStream {
  private PackedStream() {}

  /** @return the archive itself, unpacked as it is read */
  public static InputStream unpacked(InputStream packed) throws IOException {
    byte[] head = packed.readNBytes(Compression.SNIFFED_BYTES);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), packed);
    return Compression.of(head).unpack(whole);
  }
}
