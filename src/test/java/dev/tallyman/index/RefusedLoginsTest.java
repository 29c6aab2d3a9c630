package dev.tallyman.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RefusedLoginsTest {
  private final MovingClock clock = new MovingClock();
  private final Rows rows = new Rows();
  private final RefusedLogins refusals = new RefusedLogins(rows, clock);

  @Test
  void recordsTheFirstOnesAndThenLessAndLess() {
    refuse(RefusedLogins.FREE_ROWS + 10, "10.0.0.1");
    assertEquals(RefusedLogins.FREE_ROWS, rows.details.size());

    clock.now = clock.now.plusSeconds(2);
    refuse(10, "10.0.0.1");
    assertEquals(RefusedLogins.FREE_ROWS + 1, rows.details.size());
    assertTrue(rows.last().contains("(10 refusals "), rows.last());
    clock.now = clock.now.plusSeconds(2);
    refuse(1, "10.0.0.1");
    assertEquals(RefusedLogins.FREE_ROWS + 1, rows.details.size());
  }

  @Test
  void aDayOfRequestsWithoutPauseWritesFewRows() {
    for (int second = 0; second < 86_400; second++) {
      refuse(1, "10.0.0.1");
      clock.now = clock.now.plusSeconds(1);
    }
    assertTrue(rows.details.size() > 280 && rows.details.size() < 310, () -> rows.details.size() + " rows");
  }

  @Test
  void anotherAddressHasItsOwnRows() {
    refuse(100, "10.0.0.1");
    refuse(1, "10.0.0.2");
    assertEquals(RefusedLogins.FREE_ROWS + 1, rows.details.size());
    assertEquals("no", rows.last());
  }

  @Test
  void addressesOfOneCustomerCountTogether() {
    for (int i = 0; i < 100; i++) {
      refuse(1, "2001:db8:1:2:0:0:0:" + i);
    }
    assertEquals(RefusedLogins.FREE_ROWS, rows.details.size());
    refuse(1, "2001:db8:1:3:0:0:0:1");
    assertEquals(RefusedLogins.FREE_ROWS + 1, rows.details.size());
  }

  @Test
  void aQuietHalfHourIsForgivenButNotWhatWasPassedOver() {
    refuse(RefusedLogins.FREE_ROWS + 3, "10.0.0.1");
    clock.now = clock.now.plus(Duration.ofMinutes(31));
    refuse(2, "10.0.0.1");
    assertEquals(RefusedLogins.FREE_ROWS + 2, rows.details.size());
    assertTrue(rows.details.get(RefusedLogins.FREE_ROWS).contains("(3 refusals "), rows.details.toString());
  }

  private void refuse(int times, String address) {
    Caller caller = new Caller(0, "anonymous", Role.VIEWER, -1, "", Way.INDEX, null, Origin.ofAddress(address));
    for (int i = 0; i < times; i++) {
      refusals.record(caller, "repository:a/b:pull", new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "no"));
    }
  }

  private static final class Rows implements AuditTrail {
    final List<String> details = new ArrayList<>();

    String last() {
      return details.get(details.size() - 1);
    }

    @Override
    public void done(Caller caller, String action, String object, String detail) {
      throw new AssertionError("nothing was done");
    }

    @Override
    public void failed(Caller caller, String action, String object, Throwable why) {
      details.add(String.valueOf(why.getMessage()));
    }

    @Override
    public List<AuditRow> list(Caller caller, AuditFilter filter) {
      return List.of();
    }

    @Override
    public List<AuditRow> trace(TraceFilter filter) {
      return List.of();
    }

    @Override
    public Optional<String> verify(Caller caller) {
      return Optional.empty();
    }
  }

  private static final class MovingClock extends Clock {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
