package dev.tallyman.account;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Shares the brake with passwords: who guesses both has no more tries. */
@Singleton
class BrakedSecrets implements ProgramSecrets {
  private final LoginBrake brake;
  private final AuditTrail audit;

  @Inject
  BrakedSecrets(LoginBrake brake, AuditTrail audit) {
    this.brake = brake;
    this.audit = audit;
  }

  @Override
  public Made make(String prefix) {
    String secret = prefix + Secrets.random();
    return new Made(secret, Secrets.hash(secret));
  }

  @Override
  public void check(Caller claimed, @Nullable String hash, String secret) {
    byte[] given = bytes(Secrets.hash(secret));
    if (hash != null && MessageDigest.isEqual(bytes(hash), given)) {
      return;
    }
    brake.begin(claimed.accountName(), claimed.origin());
    TallymanException wrong = new TallymanException(ErrorKind.UNAUTHENTICATED, "cannot log in: the name or the secret is wrong");
    audit.failed(claimed, "login", claimed.accountName(), wrong);
    throw wrong;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
