package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Where an image comes from in parts. */
interface ImageSource {
  /** @param bytes as they came: their digest is the manifest's name */
  record Fetched(Manifest manifest, byte[] bytes) {}

  /**
   * @param reference tag or digest
   * @throws TallymanException NOT_FOUND; INVALID when its bytes are not what the digest names
   */
  Fetched manifest(String reference) throws IOException;

  /** Exactly as many bytes as the descriptor says. @param progress told the bytes so far; what it throws ends the stream */
  InputStream blob(Manifest.Descriptor blob, LongConsumer progress) throws IOException;

  /** See {@link RegistrySession#storedLogin}. */
  String storedLogin();

  /** A blob that is a document. @throws TallymanException INVALID when it is too large or not what its digest names */
  default byte[] document(Manifest.Descriptor blob, int largest) throws IOException {
    if (blob.size() > largest) {
      throw new TallymanException(ErrorKind.INVALID, "invalid manifest: its configuration is larger than " + largest + " bytes");
    }
    try (InputStream in = blob(blob, count -> {})) {
      byte[] bytes = in.readAllBytes();
      if (!Manifest.digestOf(bytes).equals(blob.digest())) {
        throw new TallymanException(ErrorKind.INVALID, "image config verification failed for digest " + blob.digest());
      }
      return bytes;
    }
  }
}
