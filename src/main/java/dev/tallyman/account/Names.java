package dev.tallyman.account;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.regex.Pattern;

/** The form of names of accounts and tokens: safe in logs, headers, file names and URLs. */
final class Names {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private Names() {}

  /** @throws TallymanException INVALID */
  static void require(String attempted, String kind, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new TallymanException(
          ErrorKind.INVALID, "cannot " + attempted + ": the name of a " + kind + " is 1 to 63 characters of a-z, 0-9, '.', '_', '-' and begins with a letter or digit");
    }
  }
}
