package dev.tallyman.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * End of the chain.
 *
 * @param id of the newest row; 0 before the first
 * @param hash of that row; 64 zeros before the first
 */
record Link(long id, String hash) {
  static final Link START = new Link(0, "0".repeat(64));

  /** The link of the row that follows this one. */
  Link next(Draft row) {
    long id = this.id + 1;
    return new Link(id, sha256(hash + "\n" + canonical(id, row)));
  }

  /** Each text with its length before it, so that no two different rows have the same form. */
  private static String canonical(long id, Draft row) {
    StringBuilder text = new StringBuilder(256).append(id).append('\n').append(micros(row.at())).append('\n').append(row.teamId()).append('\n');
    for (String part : new String[] {row.account(), row.team(), row.way(), row.token() == null ? "" : row.token(), row.origin(), row.action(), row.object(), row.outcome(), row.detail()}) {
      text.append(part.length()).append(':').append(part).append('\n');
    }
    return text.append(row.token() == null ? 0 : 1).toString();
  }

  private static long micros(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000L), at.getNano() / 1000);
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
