package dev.tallyman.secret;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Map;
import java.util.regex.Pattern;

/** What a secret may be called and hold. No message has a part of a value. */
final class SecretRules {
  /** Also the name of a file, and part of a label's name. */
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}");

  private static final int LABEL_CHARS = 10_000;

  private SecretRules() {}

  static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw invalid("the name of a secret is 1 to 64 characters of a-z, A-Z, 0-9, '_', '.', '-' and begins with a letter or digit");
    }
  }

  static void checkValue(String name, byte[] value) {
    if (value.length == 0 || value.length > Secrets.MAX_BYTES) {
      throw invalid("cannot store secret " + name + ": a value has 1 to " + Secrets.MAX_BYTES + " bytes, not " + value.length);
    }
  }

  static void checkLabels(Map<String, String> labels) {
    long chars = labels.entrySet().stream().mapToLong(each -> each.getKey().length() + each.getValue().length()).sum();
    if (labels.containsKey("") || chars > LABEL_CHARS) {
      throw invalid("a label has no name, or all together are longer than " + LABEL_CHARS + " characters");
    }
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
