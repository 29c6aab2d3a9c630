package dev.tallyman.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.index.Robots.Right;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RobotRightsTest {
  private static final Instant NOW = Instant.parse("2026-11-29T08:00:00Z");

  private static RobotRights rights(Right... wanted) {
    return RobotRights.of("ops", List.of(wanted));
  }

  private static Right right(String repository, String... actions) {
    return new Right(repository, Arrays.asList(actions));
  }

  @Test
  void areWhatWasGivenAndNoMore() {
    RobotRights rights = rights(right("ops/app", "push", "pull"), right("ops/base", "pull"));

    assertTrue(rights.allow("ops/app", "pull") && rights.allow("ops/app", "push") && rights.allow("ops/base", "pull"));
    assertFalse(rights.allow("ops/app", "delete") || rights.allow("ops/base", "push") || rights.allow("ops/app2", "pull") || rights.allow("ops/app/sub", "pull") || rights.allow("ops", "pull"));
    assertEquals("pull push ops/app, pull ops/base", rights.toString());
    assertEquals(rights, RobotRights.parse("ops", rights.stored()));
  }

  @Test
  void aStarIsForTheWholeTeamAndNoOther() {
    RobotRights rights = rights(right("*", "pull"), right("ops/app", "pull", "delete"));

    assertTrue(rights.allow("ops/anything/at/all", "pull") && rights.allow("ops/app", "delete"));
    assertFalse(rights.allow("ops/other", "delete") || rights.allow("opsy/app", "pull") || rights.allow("dev/app", "pull") || rights.allow("*", "pull"));
  }

  @Test
  void othersCannotBeGiven() {
    List<List<Right>> wrong =
        List.of(
            List.of(), Arrays.asList((Right) null), List.of(right("dev/app", "pull")), List.of(right("opsy/app", "pull")), List.of(right("ops/*", "pull")), List.of(right("ops/App", "pull")),
            List.of(right("ops/app")), List.of(right("ops/app", "push")), List.of(right("ops/app", "pull", "*")), List.of(right("ops/app", "pull", null)), List.of(new Right("ops/app", List.of("pull", "all"))),
            List.of(new Right("ops/app", null)), List.of(new Right(null, List.of("pull"))), List.of(right("ops/app", "pull"), right("ops/app", "pull", "push")));
    for (List<Right> each : wrong) {
      assertThrows(IndexException.class, () -> RobotRights.of("ops", each), () -> String.valueOf(each));
    }
    List<Right> many = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      many.add(right("ops/app" + i, "pull"));
    }
    assertThrows(IndexException.class, () -> RobotRights.of("ops", many));
    assertEquals(20, RobotRights.of("ops", many.subList(0, 20)).actions().size());
  }

  @Test
  void secretsLiveAsLongAsTheAdministratorAllows() {
    assertEquals(NOW.plus(Duration.ofDays(30)), new RobotLife(30).end(30, NOW));
    for (int each : new int[] {-1, 0, 31, Integer.MAX_VALUE}) {
      assertThrows(IndexException.class, () -> new RobotLife(30).end(each, NOW), () -> each + " days");
    }
    assertNull(new RobotLife(0).end(0, NOW));
    assertEquals(NOW.plus(Duration.ofDays(3650)), new RobotLife(0).end(3650, NOW));
    assertThrows(IndexException.class, () -> new RobotLife(0).end(3651, NOW));
    assertThrows(IllegalArgumentException.class, () -> new RobotLife(-1));
  }
}
