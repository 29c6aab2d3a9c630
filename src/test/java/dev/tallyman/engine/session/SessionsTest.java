package dev.tallyman.engine.session;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final Sessions sessions = new Sessions(() -> Duration.ofMillis(50));

  private static Caller from(Origin origin) {
    return new Caller(7, "rita", Role.MEMBER, 1, "default", Way.DOCKER, null, origin);
  }

  @Test
  void containersOfAnAccountHaveSessionsOfTheirOwn() {
    sessions.claim(from(Origin.ofAddress("127.0.0.1")), "id");

    assertThrows(TallymanException.class, () -> sessions.claim(from(Origin.none()), "id"));
    assertNotNull(sessions.claim(from(Origin.ofContainer("a".repeat(64))), "id"));
    assertThrows(TallymanException.class, () -> sessions.client(from(Origin.ofContainer("b".repeat(64))), "id"));
  }
}
