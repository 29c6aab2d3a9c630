package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SecretFile;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;

/** Writes secrets as the protocol has them: what their files are with the request (TM_TAG_SECRET), the values by a pipe. */
final class SecretFields {
  private SecretFields() {}

  static Request write(Request request, List<SecretFile> secrets) {
    secrets.forEach(each -> request.text(Tag.SECRET, text(each)));
    return request;
  }

  static String text(SecretFile secret) {
    if (secret.value().length > SecretFile.MAX_BYTES) {
      throw new KernelException(ErrorKind.INVALID, "secret " + secret.name() + " is larger than " + SecretFile.MAX_BYTES + " bytes");
    }
    return String.join(
        " ", Integer.toOctalString(secret.mode()), Integer.toString(secret.uid()), Integer.toString(secret.gid()), Integer.toString(secret.value().length), secret.name());
  }

  /** One behind the other. */
  static InputStream values(List<SecretFile> secrets) {
    return new SequenceInputStream(Collections.enumeration(secrets.stream().map(each -> new ByteArrayInputStream(each.value())).toList()));
  }
}
