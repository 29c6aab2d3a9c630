package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Health.Check;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageConfig.Healthcheck;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LifeRulesTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private static ImageConfig image(Healthcheck check) {
    return new ImageConfig("", List.of(), List.of(), List.of(), List.of(), List.of(), "", Map.of(), "", List.of(), List.of(), check);
  }

  private static LifePlan plan(Healthcheck own, Healthcheck ofImage) {
    return LifeRules.plan(LifeOptions.of(own), List.of(), image(ofImage), Map.of());
  }

  private static Healthcheck check(String... test) {
    return new Healthcheck(List.of(test), 0, 0, 0, 0, 0);
  }

  @Test
  void takesFromTheImageWhatTheCreatorLeavesOut() {
    LifePlan plan = plan(new Healthcheck(List.of(), 2_000_000_000L, 0, 0, 0, 0), new Healthcheck(List.of("CMD-SHELL", "curl x"), 9, 7_000_000, 0, 0, 4));

    assertEquals(new Healthcheck(List.of("CMD-SHELL", "curl x"), 2_000_000_000L, 7_000_000, 0, 0, 4), plan.healthcheck());
    assertEquals(List.of("/bin/sh", "-c", "curl x"), plan.command());
    assertEquals(Duration.ofSeconds(2), plan.interval());
    assertEquals(4, plan.retries());
  }

  @Test
  void hasDockersDefaults() {
    LifePlan plan = plan(check("CMD", "true", "x"), null);

    assertEquals(List.of("true", "x"), plan.command());
    assertEquals(Duration.ofSeconds(30), plan.interval());
    assertEquals(Duration.ofSeconds(30), plan.timeout());
    assertEquals(Duration.ZERO, plan.startPeriod());
    assertEquals(Duration.ofSeconds(5), plan.startInterval());
    assertEquals(3, plan.retries());
  }

  @Test
  void checksNothingWhenItIsSwitchedOff() {
    assertFalse(plan(check("NONE"), check("CMD", "true")).hasCheck());
    assertFalse(plan(null, null).hasCheck());
    assertTrue(plan(null, check("CMD", "true")).hasCheck());
  }

  @Test
  void refusesWhatDockerRefuses() {
    refused("Interval in Healthcheck cannot be less than 1ms", new Healthcheck(List.of("CMD", "x"), 1, 0, 0, 0, 0));
    refused("Timeout in Healthcheck cannot be less than 1ms", new Healthcheck(List.of("CMD", "x"), 0, -5, 0, 0, 0));
    refused("StartPeriod in Healthcheck cannot be less than 1ms", new Healthcheck(List.of("CMD", "x"), 0, 0, 999_999, 0, 0));
    refused("StartInterval in Healthcheck cannot be less than 1ms", new Healthcheck(List.of("CMD", "x"), 0, 0, 0, 3, 0));
    refused("Retries in Healthcheck cannot be negative", new Healthcheck(List.of("CMD", "x"), 0, 0, 0, 0, -1));
    refused("Unknown probe type \"HTTP\"", check("HTTP", "x"));
    refused("is empty", check("CMD"));
    refused("is empty", check("CMD-SHELL", ""));
    refused("NUL", check("CMD", "a\0b"));
  }

  private static void refused(String text, Healthcheck check) {
    TallymanException e = assertThrows(TallymanException.class, () -> plan(check, null));
    assertEquals(ErrorKind.INVALID, e.kind());
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"90,90", "90s,90", "1h30m,5400", "2m5s,125"})
  void readsMaximumRunTimes(String text, long seconds) {
    LifePlan plan = LifeRules.plan(LifeOptions.none(), List.of(), ImageConfig.empty(), Map.of("tallyman.max-runtime", text, "tallyman.health.action", "kill"));

    assertEquals(seconds, plan.maxRuntimeSeconds());
    assertEquals(HealthAction.KILL, plan.onUnhealthy());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "soon", "1.5h", "5 s", "99999999999", "0s"})
  void refusesOtherMaximumRunTimes(String text) {
    assertThrows(TallymanException.class, () -> LifeRules.plan(new LifeOptions(null, "", text), List.of(), ImageConfig.empty(), Map.of()));
  }

  @Test
  void theRequestCountsMoreThanTheLabel() {
    Map<String, String> labels = Map.of("tallyman.max-runtime", "1h", "tallyman.health.action", "kill");

    LifePlan plan = LifeRules.plan(new LifeOptions(null, "restart", "5s"), List.of(), ImageConfig.empty(), labels);

    assertEquals(5, plan.maxRuntimeSeconds());
    assertEquals(HealthAction.RESTART, plan.onUnhealthy());
    assertThrows(TallymanException.class, () -> LifeRules.plan(new LifeOptions(null, "reboot", ""), List.of(), ImageConfig.empty(), labels));
  }

  private static Check result(int exitCode, int second) {
    return new Check(START.plusSeconds(second), START.plusSeconds(second + 1), exitCode, "out" + second);
  }

  @Test
  void becomesUnhealthyAfterFailuresInARow() {
    Health health = Health.atStart(List.of()).after(result(1, 1), false, 3).after(result(0, 2), false, 3);
    assertEquals(HealthStatus.HEALTHY, health.status());
    assertEquals(0, health.failingStreak());

    health = health.after(result(1, 3), false, 3).after(result(-1, 4), false, 3);
    assertEquals(HealthStatus.HEALTHY, health.status());
    health = health.after(result(2, 5), false, 3);

    assertEquals(HealthStatus.UNHEALTHY, health.status());
    assertEquals(3, health.failingStreak());
    assertEquals(HealthStatus.HEALTHY, health.after(result(0, 6), false, 3).status());
  }

  @Test
  void failuresOfTheStartPeriodDoNotCountBeforeTheFirstSuccess() {
    Health forgiven = Health.atStart(List.of()).after(result(1, 1), true, 1);
    assertEquals(HealthStatus.STARTING, forgiven.status());
    assertEquals(0, forgiven.failingStreak());

    assertEquals(HealthStatus.UNHEALTHY, forgiven.after(result(0, 2), true, 1).after(result(1, 3), true, 1).status());
  }

  @Test
  void keepsTheLastFiveChecks() {
    Health health = Health.atStart(List.of());
    for (int i = 0; i < 9; i++) {
      health = health.after(result(0, i), false, 3);
    }

    assertEquals(List.of("out4", "out5", "out6", "out7", "out8"), health.log().stream().map(Check::output).toList());
  }

  @Test
  void writesRunTimesAsTheyAreGiven() {
    assertEquals("1h30m", Deadlines.text(5400));
    assertEquals("5s", Deadlines.text(5));
    assertEquals("2m5s", Deadlines.text(125));
  }
}
