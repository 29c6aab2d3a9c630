package dev.tallyman.container;

import dev.tallyman.image.ImageConfig.Healthcheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The health check in a request that creates a container. What is absent is the image's, else Docker's default.
 *
 * @param command program and arguments; or shell, a command line; @param isDisabled takes the image's check away
 * @param interval times are durations such as 30s or 500ms
 * @param onUnhealthy none, restart, stop or kill
 */
public record NewHealthcheck(
    @Nullable List<String> command, @Nullable String shell, @Nullable Boolean isDisabled, @Nullable String interval, @Nullable String timeout, @Nullable String startPeriod,
    @Nullable String startInterval, @Nullable Integer retries, @Nullable String onUnhealthy) {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  /** @throws dev.tallyman.error.TallymanException INVALID */
  public Healthcheck read() {
    return new Healthcheck(
        test(), nanos("interval", interval), nanos("timeout", timeout), nanos("startPeriod", startPeriod), nanos("startInterval", startInterval), retries == null ? 0 : retries);
  }

  private List<String> test() {
    boolean isOff = Boolean.TRUE.equals(isDisabled);
    if ((command != null ? 1 : 0) + (shell != null ? 1 : 0) + (isOff ? 1 : 0) > 1) {
      throw Refusal.invalid("healthcheck: give one of command, shell and isDisabled");
    }
    if (isOff) {
      return List.of("NONE");
    }
    if (shell != null) {
      return List.of("CMD-SHELL", shell);
    }
    if (command == null) {
      return List.of();
    }
    if (command.contains(null)) {
      throw Refusal.invalid("a list in the body holds null");
    }
    List<String> test = new ArrayList<>(List.of("CMD"));
    test.addAll(command);
    return test;
  }

  private static long nanos(String field, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int at = 0;
    while (part.find(at) && part.start() == at) {
      long number = Long.parseLong(part.group(1));
      sum = sum.plus(
          switch (part.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(Math.min(number, 1_000_000));
          });
      at = part.end();
      if (at == text.length()) {
        return Math.min(sum.toSeconds(), 1_000_000_000L) * 1_000_000_000L + sum.toNanosPart();
      }
    }
    throw Refusal.invalid("healthcheck." + field + ": invalid duration " + Refusal.quoted(text) + "; write e.g. 30s, 1m30s or 500ms");
  }
}
