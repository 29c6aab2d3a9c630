package dev.tallyman.container;

import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageConfig.Healthcheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks and merges what is asked for about health and age. All methods throw INVALID, with Docker's texts where it has them. */
final class LifeRules {
  static final String ACTION_LABEL = "tallyman.health.action";
  static final String RUNTIME_LABEL = "tallyman.max-runtime";

  private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");
  private static final long SHORTEST_NANOS = 1_000_000;
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final Pattern DURATION = Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,9})s)?");
  /** A request has room for a command of this length, see the helper's protocol. */
  private static final int MAX_COMMAND_CHARS = 30_000;

  private LifeRules() {}

  /** @param ownShell of the creator; empty = the image's */
  static LifePlan plan(LifeOptions asked, List<String> ownShell, ImageConfig image, Map<String, String> labels) {
    List<String> shell = ownShell.isEmpty() ? image.shell() : ownShell;
    Healthcheck check = asked.healthcheck() == null ? image.healthcheck() : asked.healthcheck().orElse(image.healthcheck());
    if (check != null) {
      check(check);
    }
    String action = asked.onUnhealthy().isEmpty() ? labels.getOrDefault(ACTION_LABEL, "") : asked.onUnhealthy();
    String runtime = asked.maxRuntime().isEmpty() ? labels.getOrDefault(RUNTIME_LABEL, "") : asked.maxRuntime();
    return new LifePlan(check, shell.isEmpty() ? DEFAULT_SHELL : shell, HealthAction.parse(action), runtime.isEmpty() ? 0 : seconds(runtime));
  }

  private static void check(Healthcheck check) {
    checkTime("Interval", check.intervalNanos());
    checkTime("Timeout", check.timeoutNanos());
    checkTime("StartPeriod", check.startPeriodNanos());
    checkTime("StartInterval", check.startIntervalNanos());
    if (check.retries() < 0) {
      throw Refusal.invalid("Retries in Healthcheck cannot be negative");
    }
    if (check.test().isEmpty()) {
      return;
    }
    switch (check.test().get(0)) {
      case "NONE" -> {}
      case "CMD", "CMD-SHELL" -> checkCommand(check.test());
      default -> throw Refusal.invalid("Unknown probe type " + Refusal.quoted(check.test().get(0)) + " in Healthcheck (expected CMD, CMD-SHELL or NONE)");
    }
  }

  private static void checkCommand(List<String> test) {
    if (test.size() < 2 || test.get(1).isEmpty()) {
      throw Refusal.invalid("the command in Healthcheck is empty");
    }
    if (test.stream().mapToInt(String::length).sum() > MAX_COMMAND_CHARS || test.stream().anyMatch(each -> each.indexOf('\0') >= 0)) {
      throw Refusal.invalid("the command in Healthcheck is too long, or has a NUL character");
    }
  }

  private static void checkTime(String name, long nanos) {
    if (nanos != 0 && nanos < SHORTEST_NANOS) {
      throw Refusal.invalid(name + " in Healthcheck cannot be less than 1ms");
    }
  }

  /** @return at least 1 */
  static long seconds(String text) {
    Matcher parts = DURATION.matcher(text);
    long seconds = 0;
    if (SECONDS.matcher(text).matches()) {
      seconds = Long.parseLong(text);
    } else if (parts.matches()) {
      seconds = Duration.ofHours(number(parts, 1)).plusMinutes(number(parts, 2)).plusSeconds(number(parts, 3)).toSeconds();
    }
    if (seconds < 1) {
      throw Refusal.invalid("invalid maximum run time: " + Refusal.quoted(text) + "; write a duration such as 90s or 1h30m, at least 1s");
    }
    return seconds;
  }

  private static long number(Matcher parts, int group) {
    return parts.group(group) == null ? 0 : Long.parseLong(parts.group(group));
  }
}
