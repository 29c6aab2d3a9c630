package dev.tallyman.account;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.RetryLaterException;
import dev.tallyman.identity.Origin;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LoginBrakeTest {
  private final MovingClock clock = new MovingClock();
  private final LoginBrake brake = new LoginBrake(clock);

  @Test
  void doublesTheWaitUpToFiveMinutes() {
    fail(LoginBrake.FREE_TRIES, "anna", "10.0.0.1");

    assertEquals(2, waitOf("anna", "10.0.0.9"));
    clock.now = clock.now.plusSeconds(2);
    fail(1, "anna", "10.0.0.2");
    assertEquals(4, waitOf("anna", "10.0.0.9"));
    for (int i = 0; i < 12; i++) {
      clock.now = clock.now.plusSeconds(300);
      fail(1, "anna", "10.0.1." + i);
    }
    assertEquals(300, waitOf("anna", "10.0.0.9"));
  }

  @Test
  void brakesOneAddressThatTriesManyNames() {
    for (int i = 0; i < LoginBrake.FREE_TRIES; i++) {
      fail(1, "name" + i, "10.0.0.1");
    }

    assertThrows(RetryLaterException.class, () -> brake.begin("other", Origin.ofAddress("10.0.0.1")));
    assertDoesNotThrow(() -> brake.begin("other", Origin.ofAddress("10.0.0.2")));
  }

  @Test
  void takesTheSixtyFourBitsOfOneCustomerAsOneAddress() {
    for (int i = 0; i < LoginBrake.FREE_TRIES; i++) {
      fail(1, "name" + i, "2001:db8:1:2:0:0:0:" + i);
    }

    assertThrows(RetryLaterException.class, () -> brake.begin("other", Origin.ofAddress("2001:db8:1:2:ffff:0:0:1")));
    assertDoesNotThrow(() -> brake.begin("other", Origin.ofAddress("2001:db8:1:3:0:0:0:1")));
  }

  @Test
  void forgivesAfterSuccessAndAfterHalfAnHour() {
    fail(LoginBrake.FREE_TRIES - 1, "anna", "10.0.0.1");
    brake.begin("anna", Origin.ofAddress("10.0.0.1"));
    brake.succeeded("anna", Origin.ofAddress("10.0.0.1"));
    fail(LoginBrake.FREE_TRIES, "anna", "10.0.0.1");
    clock.now = clock.now.plus(Duration.ofMinutes(31));

    assertDoesNotThrow(() -> brake.begin("anna", Origin.ofAddress("10.0.0.1")));
  }

  private void fail(int times, String name, String address) {
    for (int i = 0; i < times; i++) {
      brake.begin(name, Origin.ofAddress(address));
    }
  }

  private long waitOf(String name, String address) {
    return assertThrows(RetryLaterException.class, () -> brake.begin(name, Origin.ofAddress(address))).seconds();
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
