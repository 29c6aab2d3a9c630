package dev.tallyman.account;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.quarkus.elytron.security.common.BcryptUtil;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Rules for passwords and their bcrypt hashes. */
final class Passwords {
  static final int MIN_LENGTH = 10;

  /** bcrypt looks at no more (its key has 72 bytes); longer ones are refused instead of being cut silently. */
  static final int MAX_BYTES = 72;

  /** Cost 10: about 0.1 s, once a login. */
  private static final String OF_NOBODY = BcryptUtil.bcryptHash(Secrets.random());

  private Passwords() {}

  static String hash(String password) {
    return BcryptUtil.bcryptHash(password);
  }

  static boolean matches(String password, String hash) {
    return !isTooLong(password) && BcryptUtil.matches(password, hash);
  }

  /** Takes as long as a real check, so that the time does not tell which names exist. */
  static void pretendToCheck(String password) {
    BcryptUtil.matches(isTooLong(password) ? "" : password, OF_NOBODY);
  }

  static boolean isGood(String accountName, String password) {
    return fault(accountName, password) == null;
  }

  /** @throws TallymanException INVALID */
  static void requireGood(String attempted, String accountName, String password) {
    String fault = fault(accountName, password);
    if (fault != null) {
      throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": " + fault);
    }
  }

  private static @Nullable String fault(String accountName, String password) {
    if (password.length() < MIN_LENGTH) {
      return "the password needs at least " + MIN_LENGTH + " characters";
    }
    if (isTooLong(password)) {
      return "the password is longer than " + MAX_BYTES + " bytes";
    }
    boolean isName = password.toLowerCase(Locale.ROOT).contains(accountName) && password.length() < accountName.length() + 6;
    return isName ? "the password is hardly more than the account's name" : null;
  }

  private static boolean isTooLong(String password) {
    return password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
  }
}
