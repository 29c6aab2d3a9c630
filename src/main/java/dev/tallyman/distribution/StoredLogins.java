package dev.tallyman.distribution;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;

/**
 * Log-ins to registries elsewhere that an account keeps here, for pulls, pushes and builds that bring none. They are its own: nobody else, administrators and the rest of
 * its team included, sees, uses, changes or removes them, and they go with the account. No method gives a password away.
 */
public interface StoredLogins {
  /** As many as one account may have. */
  int MOST = 50;

  /** @param registry {@code docker.io} or {@code host[:port]}, as names of images begin; @param storedAt when it got its password */
  record StoredLogin(String registry, String user, Instant storedAt) {}

  /** The caller's, by registry. */
  List<StoredLogin> list(Caller caller);

  /**
   * Asks the registry first, as {@code docker login} does, and then stores it in the place of what was there.
   *
   * @throws dev.tallyman.error.TallymanException DENIED if the registry does not accept it, UNAVAILABLE if it cannot be asked, INVALID, EXHAUSTED
   */
  StoredLogin store(Caller caller, String registry, String user, String password);

  /** Whether the registry still accepts it. @throws dev.tallyman.error.TallymanException DENIED, UNAVAILABLE, NOT_FOUND */
  StoredLogin check(Caller caller, String registry);

  /** @throws dev.tallyman.error.TallymanException NOT_FOUND */
  void remove(Caller caller, String registry);
}
