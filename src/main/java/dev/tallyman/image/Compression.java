package dev.tallyman.image;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** How a stream is packed, told by its first bytes; media types and file names of foreign origin are not asked. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD,
  XZ,
  BZIP2;

  /** Bytes needed to tell. */
  public static final int SNIFFED_BYTES = 512;
  private static final int BUFFER_BYTES = 1 << 18;
  /** xz -9 needs 65 MiB to decompress; a stream that wants more is an attack on our memory. */
  private static final int XZ_MEMORY_KIB = 100 << 10;

  public static Compression of(byte[] head) {
    if (startsWith(head, 0x1f, 0x8b, 0x08)) {
      return GZIP;
    }
    if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
      return ZSTD;
    }
    if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return XZ;
    }
    if (startsWith(head, 'B', 'Z', 'h')) {
      return BZIP2;
    }
    return NONE;
  }

  /** Whether a media type of layers names it: in a manifest there is no other. */
  boolean isOfLayers() {
    return switch (this) {
      case NONE, GZIP, ZSTD -> true;
      case XZ, BZIP2 -> false;
    };
  }

  /** All members of a concatenated stream, to the end of {@code packed}. */
  public InputStream unpack(InputStream packed) throws IOException {
    return switch (this) {
      case NONE -> packed;
      case GZIP -> new GunzipStream(packed);
      // zstd refuses windows above 128 MiB by itself.
      case ZSTD -> new ZstdInputStreamNoFinalizer(packed);
      case BZIP2 -> new BZip2CompressorInputStream(new BufferedInputStream(packed, BUFFER_BYTES), true);
      case XZ -> new XZInputStream(new BufferedInputStream(packed, BUFFER_BYTES), XZ_MEMORY_KIB);
    };
  }

  private static boolean startsWith(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
