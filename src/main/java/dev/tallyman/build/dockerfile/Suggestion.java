package dev.tallyman.build.dockerfile;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** {@code (did you mean X?)}: what was probably meant, when something known is near enough. */
final class Suggestion {
  /** Distances above do not look like a slip of the hand; the same bound as Docker's. */
  private static final int FARTHEST = 3;

  private static final int LONGEST = 40;
  private static final int MOST_CANDIDATES = 500;

  private Suggestion() {}

  /** With a blank in front, or empty. */
  static String of(String given, Collection<String> known) {
    String best = nearest(given, known);
    return best.isEmpty() ? "" : " (did you mean " + best + "?)";
  }

  /** The nearest of what is known; empty when nothing is near, or when it was not the name that was wrong. */
  static String nearest(String given, Collection<String> known) {
    return nearestExact(given.toLowerCase(Locale.ROOT), known, true);
  }

  /** As {@link #nearest}, with regard to case. */
  static String nearestExact(String given, Collection<String> known) {
    return nearestExact(given, known, false);
  }

  private static String nearestExact(String given, Collection<String> known, boolean inLower) {
    String best = "";
    int least = FARTHEST;
    for (String candidate : known.size() > MOST_CANDIDATES ? List.<String>of() : known) {
      boolean isLong = given.length() > LONGEST || candidate.length() > LONGEST;
      int distance = isLong ? FARTHEST : distance(given, inLower ? candidate.toLowerCase(Locale.ROOT) : candidate);
      if (distance == 0) {
        return "";
      }
      if (distance < least) {
        best = candidate;
        least = distance;
      }
    }
    return best;
  }

  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int substitution = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }
}
