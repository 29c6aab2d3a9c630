package dev.tallyman.account;

import dev.tallyman.error.RetryLaterException;
import dev.tallyman.identity.Origin;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing, per account name and per address. The first tries are free; each further failure doubles the wait. A try counts
 * before its password is looked at, so parallel tries gain nothing, and is forgiven when it succeeds.
 */
@Singleton
class LoginBrake {
  static final int FREE_TRIES = 5;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(2);

  /** A longer one would let a stranger lock an account's owner out. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);
  private static final int MAX_KEYS = 20_000;

  private final Clock clock;
  private final Map<String, Tries> tries =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tries> eldest) {
          return size() > MAX_KEYS;
        }
      };

  @Inject
  LoginBrake() {
    this(Clock.systemUTC());
  }

  LoginBrake(Clock clock) {
    this.clock = clock;
  }

  private record Tries(int count, Instant last) {
    Instant nextAllowed() {
      if (count < FREE_TRIES) {
        return Instant.EPOCH;
      }
      Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(20, count - FREE_TRIES));
      return last.plus(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait);
    }
  }

  /** @throws RetryLaterException while the name or the address has to wait */
  synchronized void begin(String name, Origin origin) {
    Instant now = clock.instant();
    Instant allowed = later(current(nameKey(name), now).nextAllowed(), current(origin.network(), now).nextAllowed());
    if (allowed.isAfter(now)) {
      throw new RetryLaterException("cannot log in: too many failed tries; wait and try again", Duration.between(now, allowed));
    }
    count(nameKey(name), now);
    count(origin.network(), now);
  }

  synchronized void succeeded(String name, Origin origin) {
    tries.remove(nameKey(name));
    tries.remove(origin.network());
  }

  synchronized void forgetAll() {
    tries.clear();
  }

  private void count(String key, Instant now) {
    tries.put(key, new Tries(current(key, now).count() + 1, now));
  }

  private Tries current(String key, Instant now) {
    Tries known = tries.get(key);
    return known == null || known.last().plus(FORGOTTEN_AFTER).isBefore(now) ? new Tries(0, now) : known;
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }

  private static String nameKey(String name) {
    return "name " + (name.length() > 64 ? name.substring(0, 64) : name);
  }
}
