package dev.tallyman.index;

import dev.tallyman.error.RetryLaterException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Bodies that come in. Each holds a thread of those that answer everybody, so there are not too many at a time, of one account still fewer, and none may trickle. */
@ApplicationScoped
class Intake {
  static final int MAX_PER_ACCOUNT = 32;
  private static final int MAX_AT_A_TIME = 96;

  private final IndexConfig config;
  private final Map<Long, Integer> byAccount = new HashMap<>();
  private int total;

  @Inject
  Intake(IndexConfig config) {
    this.config = config;
  }

  interface Work<T> {
    T on(InputStream body) throws IOException;
  }

  /**
   * @param work reads the body; must be let in already
   * @throws dev.tallyman.error.TallymanException EXHAUSTED when too many come in, INVALID when it comes too slowly
   */
  <T> T take(Visitor visitor, InputStream body, Work<T> work) throws IOException {
    long account = visitor.caller().account();
    enter(account);
    try {
      return work.on(new SteadyBody(body, config.leastPerMinute().asLongValue(), System::nanoTime));
    } finally {
      leave(account);
    }
  }

  private synchronized void enter(long account) {
    int own = byAccount.getOrDefault(account, 0);
    if (total >= MAX_AT_A_TIME || own >= MAX_PER_ACCOUNT) {
      throw new RetryLaterException("cannot take this upload: too many come in at the same time", Duration.ofSeconds(5));
    }
    total++;
    byAccount.put(account, own + 1);
  }

  private synchronized void leave(long account) {
    total--;
    byAccount.computeIfPresent(account, (key, count) -> count == 1 ? null : count - 1);
  }
}
