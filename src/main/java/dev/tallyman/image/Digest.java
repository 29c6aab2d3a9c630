package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** SHA-256 of some bytes, named as OCI descriptors do: {@code sha256:} and 64 lower-case hex characters. */
record Digest(String hex) {
  private static final String PREFIX = "sha256:";
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid digest: it must be sha256: and 64 lower-case hex characters");
    }
  }

  /** @throws TallymanException INVALID for anything but a complete sha256 digest */
  static Digest parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid digest '" + Texts.shortened(text) + "': only sha256 is supported");
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  static boolean isDigest(String text) {
    return text.startsWith(PREFIX) && HEX.matcher(text.substring(PREFIX.length())).matches();
  }

  static boolean isHex(String text) {
    return HEX.matcher(text).matches();
  }

  static Digest of(byte[] bytes) {
    return finish(begin(), bytes);
  }

  static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static Digest finish(MessageDigest sum) {
    return new Digest(HexFormat.of().formatHex(sum.digest()));
  }

  private static Digest finish(MessageDigest sum, byte[] last) {
    sum.update(last);
    return finish(sum);
  }

  /** The first twelve hex characters, as people see ids. */
  String shortened() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
