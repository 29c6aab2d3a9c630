package dev.tallyman.index;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Digest by which a client names content: {@code sha256:} or {@code sha512:} and lower-case hex. */
record ContentDigest(String text) {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  /** @throws IndexException DIGEST_INVALID */
  ContentDigest {
    if (!FORM.matcher(text).matches()) {
      throw IndexException.invalid("DIGEST_INVALID", "the digest must be sha256: and 64, or sha512: and 128 lower-case hex characters");
    }
  }

  boolean isSha256() {
    return text.startsWith("sha256:");
  }

  MessageDigest begin() {
    try {
      return MessageDigest.getInstance(isSha256() ? "SHA-256" : "SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-2", e);
    }
  }

  boolean matches(MessageDigest sum) {
    return text.substring("sha256:".length()).equals(HexFormat.of().formatHex(sum.digest()));
  }

  @Override
  public String toString() {
    return text;
  }
}
