package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Tells the trail of refusals to those who are nobody yet, without letting them fill it: the first ones of an address are recorded, later
 * ones after a wait that doubles with each row. A row tells how many of its address were passed over before it. The answer is the same
 * for all: a wait would hit people who share an address with a client that asks without credentials first, as every client does.
 */
@ApplicationScoped
class RefusedLogins {
  static final int FREE_ROWS = 5;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(2);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);
  private static final int MAX_KEYS = 20_000;

  private final AuditTrail audit;
  private final Clock clock;
  private final Map<String, Told> byNetwork =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
          return size() > MAX_KEYS;
        }
      };

  @Inject
  RefusedLogins(AuditTrail audit) {
    this(audit, Clock.systemUTC());
  }

  RefusedLogins(AuditTrail audit, Clock clock) {
    this.audit = audit;
    this.clock = clock;
  }

  /** @param passedOver refusals since the last row */
  private record Told(int rows, Instant last, long passedOver) {
    boolean isDue(Instant now) {
      if (rows < FREE_ROWS) {
        return true;
      }
      Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(20, rows - FREE_ROWS));
      return !last.plus(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait).isAfter(now);
    }
  }

  void record(Caller caller, String object, IndexException refused) {
    OptionalLong passedOver = take(caller.origin().network());
    if (passedOver.isEmpty()) {
      return;
    }
    String more = passedOver.getAsLong() == 0 ? "" : " (" + passedOver.getAsLong() + " refusals to this address before this one have no row)";
    audit.failed(caller, "index.login", object, new IndexException(refused.kind(), refused.code(), refused.getMessage() + more));
  }

  synchronized void forgetAll() {
    byNetwork.clear();
  }

  /** @return how many were passed over before the row that is due now; empty if none is */
  private synchronized OptionalLong take(String network) {
    Instant now = clock.instant();
    Told told = byNetwork.getOrDefault(network, new Told(0, now, 0));
    if (told.last().plus(FORGOTTEN_AFTER).isBefore(now)) {
      told = new Told(0, now, told.passedOver());
    }
    if (!told.isDue(now)) {
      byNetwork.put(network, new Told(told.rows(), told.last(), told.passedOver() + 1));
      return OptionalLong.empty();
    }
    byNetwork.put(network, new Told(told.rows() + 1, now, 0));
    return OptionalLong.of(told.passedOver());
  }
}
