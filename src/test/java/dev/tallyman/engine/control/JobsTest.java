package dev.tallyman.engine.control;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JobsTest {
  private final Jobs jobs = new Jobs(new WaitingThreads(), Duration.ofMillis(50));

  private static Caller from(Origin origin) {
    return new Caller(7, "rita", Role.MEMBER, 1, "default", Way.DOCKER, null, origin);
  }

  @Test
  void containersOfAnAccountDoNotMeetItsBuilds() {
    Caller rita = from(Origin.ofPeer(1000, 1));
    Caller inside = from(Origin.ofContainer("a".repeat(64)));
    jobs.open(rita, "r", "s");

    assertNotNull(jobs.peek(from(Origin.ofAddress("127.0.0.1")), "r"));
    assertNull(jobs.peek(inside, "r"));
    assertThrows(TallymanException.class, () -> jobs.open(rita, "r", "s"));
    assertNotNull(jobs.open(inside, "r", "s"));
    assertNull(jobs.peek(from(Origin.ofContainer("b".repeat(64))), "r"));
  }

  @Test
  void norDoTheyUseUpItsShare() {
    for (int i = 0; i < 32; i++) {
      jobs.open(from(Origin.ofContainer("a".repeat(64))), "r" + i, "s");
    }

    assertThrows(TallymanException.class, () -> jobs.open(from(Origin.ofContainer("a".repeat(64))), "more", "s"));
    assertNotNull(jobs.open(from(Origin.none()), "more", "s"));
  }
}
