package dev.tallyman.container;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Names and ids of containers. */
final class ContainerNames {
  /** One character is enough, unlike in Docker: nothing here needs two. */
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
  private static final int MAX_CHARS = 200;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final List<String> HOW =
      List.of(
          "agile", "amber", "brave", "bright", "calm", "careful", "clever", "cosy", "eager", "early", "fair", "fresh", "gentle", "glad", "golden", "handy", "happy", "honest", "jolly",
          "keen", "kind", "lively", "lucky", "mellow", "merry", "neat", "nimble", "patient", "proud", "quick", "quiet", "ready", "silver", "smooth", "solid", "sunny", "swift", "tidy",
          "warm", "wise");
  private static final List<String> WHAT =
      List.of(
          "abacus", "anchor", "badger", "barge", "beacon", "beaver", "canoe", "cargo", "compass", "crane", "crate", "dolphin", "ferry", "finch", "gull", "harbour", "hedgehog", "heron",
          "lantern", "ledger", "magpie", "mallard", "marmot", "oriole", "osprey", "otter", "packet", "paddle", "pelican", "penguin", "pier", "puffin", "quay", "robin", "schooner",
          "sparrow", "swallow", "tally", "walrus", "wren");

  private ContainerNames() {}

  static String newId() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    // An id of digits only at its beginning could be taken for a number by clients that cut it.
    return id.substring(0, 12).chars().allMatch(Character::isDigit) ? newId() : id;
  }

  /** @return the name without its slash */
  static String checked(String given) {
    String name = given.startsWith("/") ? given.substring(1) : given;
    if (!isName(name)) {
      throw Refusal.invalid("Invalid container name (" + (given.length() > MAX_CHARS ? given.substring(0, MAX_CHARS) + "…" : given) + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    }
    return name;
  }

  static boolean isName(String given) {
    return NAME.matcher(given).matches() && given.length() <= MAX_CHARS;
  }

  /** A name that is easy to say and to remember. */
  static String generated(Predicate<String> isFree) {
    for (int tries = 0; tries < 20; tries++) {
      String name = HOW.get(RANDOM.nextInt(HOW.size())) + "_" + WHAT.get(RANDOM.nextInt(WHAT.size())) + (tries < 5 ? "" : String.format(Locale.ROOT, "%d", RANDOM.nextInt(1000)));
      if (isFree.test(name)) {
        return name;
      }
    }
    return "container_" + newId().substring(0, 16);
  }
}
