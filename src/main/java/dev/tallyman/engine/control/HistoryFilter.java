package dev.tallyman.engine.control;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.dockerfile.Durations;
import dev.tallyman.error.TallymanException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which builds a client wants, in the language that buildx makes of its {@code --filter}: conditions between commas hold all, of several filters one.
 * As with buildx itself {@code ~=} looks for a part of the text, never for a pattern.
 */
final class HistoryFilter {
  private static final int MOST_FILTERS = 16;
  private static final int LONGEST = 1_000;
  private static final Pattern CONDITION = Pattern.compile("(ref|repository|status|startedAt|completedAt|duration)(==|~=|!=|>=|<=|>|<)([^\"<>=]+)");

  private HistoryFilter() {}

  static Predicate<BuildRecord> of(List<String> filters, Instant now) {
    if (filters.size() > MOST_FILTERS || filters.stream().anyMatch(each -> each.length() > LONGEST)) {
      throw Messages.invalid("a request for the history of builds has at most " + MOST_FILTERS + " filters of " + LONGEST + " characters");
    }
    List<Predicate<BuildRecord>> all = new ArrayList<>();
    for (String filter : filters) {
      Predicate<BuildRecord> conditions = build -> true;
      for (String each : filter.split(",", -1)) {
        conditions = conditions.and(condition(each, now));
      }
      all.add(conditions);
    }
    return all.stream().reduce(Predicate::or).orElse(build -> true);
  }

  private static Predicate<BuildRecord> condition(String text, Instant now) {
    Matcher parts = CONDITION.matcher(text);
    if (!parts.matches()) {
      throw Messages.unsupported("the filter " + text + " of the history of builds is");
    }
    String operator = parts.group(2);
    String value = parts.group(3);
    boolean isText = List.of("==", "~=", "!=").contains(operator);
    boolean isOfTime = !List.of("ref", "repository", "status").contains(parts.group(1));
    if (isText == isOfTime) {
      throw Messages.invalid("invalid filter " + text + ": " + parts.group(1) + " cannot be compared by " + operator);
    }
    return switch (parts.group(1)) {
      case "ref" -> build -> matches(HistoryMessages.ref(build), operator, value);
      // Of what was checked out where a client ran nothing is kept.
      case "repository" -> build -> matches("", operator, value);
      case "status" -> build -> matches(HistoryMessages.status(build), operator, value);
      case "duration" -> {
        Duration limit = duration(value);
        yield build -> build.endedAt() == null ? compare(0, operator) : compare(Duration.between(build.startedAt(), build.endedAt()).compareTo(limit), operator);
      }
      default -> {
        long limit = time(value, now).getEpochSecond();
        boolean isStart = parts.group(1).equals("startedAt");
        yield build -> {
          Instant at = isStart ? build.startedAt() : build.endedAt();
          return compare(Long.compare(at == null ? 0 : at.getEpochSecond(), limit), operator);
        };
      }
    };
  }

  private static boolean matches(String text, String operator, String value) {
    return switch (operator) {
      case "==" -> text.equals(value);
      case "~=" -> text.contains(value);
      default -> !text.equals(value);
    };
  }

  private static boolean compare(int order, String operator) {
    return switch (operator) {
      case ">=" -> order >= 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order < 0;
    };
  }

  private static Duration duration(String text) {
    try {
      return Durations.parse(text);
    } catch (TallymanException e) {
      throw Messages.invalid("invalid duration " + text + ": it must be like 1h30m");
    }
  }

  /** So long ago, or a time. */
  private static Instant time(String text, Instant now) {
    try {
      return now.minus(Durations.parse(text));
    } catch (TallymanException e) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException unknown) {
        throw Messages.invalid("invalid time " + text + ": it must be like 1h30m, or 2026-01-31T12:00:00Z");
      }
    }
  }
}
