package dev.tallyman.image;

import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code HEALTHCHECK [--interval=…] CMD command} or {@code HEALTHCHECK NONE}. */
final class HealthcheckChange {
  private static final Pattern OPTION = Pattern.compile("--([a-z-]+)=(\\S+)\\s*");
  private static final Pattern DURATION = Pattern.compile("(?:\\d{1,9}(?:\\.\\d{1,9})?(?:h|ms|m|s|us|ns))+");
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|ns)");
  private static final Map<String, Double> NANOS = Map.of("h", 3600e9, "m", 60e9, "s", 1e9, "ms", 1e6, "us", 1e3, "ns", 1.0);
  /** Docker refuses anything shorter than a millisecond. */
  private static final long SHORTEST_NANOS = 1_000_000;
  private static final int MOST_RETRIES = 1_000_000;

  private long interval;
  private long timeout;
  private long startPeriod;
  private long startInterval;
  private int retries;

  private HealthcheckChange() {}

  /** @param command turns the text after CMD into a list */
  static ImageConfig.Healthcheck parse(String text, Function<String, List<String>> command) {
    HealthcheckChange change = new HealthcheckChange();
    Matcher options = OPTION.matcher(text);
    int at = 0;
    while (options.find(at) && options.start() == at) {
      change.option(options.group(1), options.group(2));
      at = options.end();
    }
    String[] parts = text.substring(at).split("\\s+", 2);
    return change.check(parts[0].toUpperCase(Locale.ROOT), parts.length > 1 ? parts[1].strip() : "", command);
  }

  private ImageConfig.Healthcheck check(String word, String rest, Function<String, List<String>> command) {
    if (word.equals("NONE")) {
      if (!rest.isEmpty()) {
        throw ConfigChanges.invalid("HEALTHCHECK NONE takes no arguments");
      }
      return new ImageConfig.Healthcheck(List.of("NONE"), 0, 0, 0, 0, 0);
    }
    if (!word.equals("CMD")) {
      throw ConfigChanges.invalid("Unknown type \"" + Texts.shortened(word) + "\" in HEALTHCHECK (try CMD)");
    }
    if (rest.isEmpty()) {
      throw ConfigChanges.invalid("Missing command after HEALTHCHECK CMD");
    }
    List<String> test = new ArrayList<>();
    if (rest.startsWith("[")) {
      test.add("CMD");
      test.addAll(command.apply(rest));
    } else {
      test.add("CMD-SHELL");
      test.add(rest);
    }
    return new ImageConfig.Healthcheck(List.copyOf(test), interval, timeout, startPeriod, startInterval, retries);
  }

  private void option(String name, String value) {
    switch (name) {
      case "interval" -> interval = nanos(name, value);
      case "timeout" -> timeout = nanos(name, value);
      case "start-period" -> startPeriod = nanos(name, value);
      case "start-interval" -> startInterval = nanos(name, value);
      case "retries" -> retries = retries(value);
      default -> throw ConfigChanges.invalid("unknown flag: --" + Texts.shortened(name));
    }
  }

  private static int retries(String value) {
    if (!value.matches("\\d{1,7}") || Integer.parseInt(value) > MOST_RETRIES) {
      throw ConfigChanges.invalid("--retries must be a number from 0 to " + MOST_RETRIES);
    }
    return Integer.parseInt(value);
  }

  private static long nanos(String name, String value) {
    if (value.equals("0")) {
      return 0;
    }
    if (!DURATION.matcher(value).matches()) {
      throw invalidDuration(name, value);
    }
    double nanos = 0;
    Matcher part = PART.matcher(value);
    while (part.find()) {
      nanos += Double.parseDouble(part.group(1)) * NANOS.get(part.group(2));
    }
    if (nanos >= Long.MAX_VALUE || (nanos > 0 && nanos < SHORTEST_NANOS)) {
      throw invalidDuration(name, value);
    }
    return (long) nanos;
  }

  private static TallymanException invalidDuration(String name, String value) {
    return ConfigChanges.invalid("invalid duration \"" + Texts.shortened(value) + "\" of --" + name + "; write e.g. 30s, at least 1ms");
  }
}
