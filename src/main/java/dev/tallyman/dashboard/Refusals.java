package dev.tallyman.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences of the services in the reader's language. Services speak English, because docker and REST show their words as they stand; pages
 * look them up in messages/refusals_LANGUAGE.txt, whose lines are "english => translated" with {} for what varies. A sentence that is not
 * there is shown in English, behind a word that says what it is.
 */
public final class Refusals {
  private static final String ARROW = " => ";
  private static final String PLACE = "{}";
  /** Characters. Sentences repeat what a client sent, and matching takes more than linear time. */
  private static final int LONGEST = 2000;
  private static final Pattern PLACES = Pattern.compile("\\{(\\d)}");
  private static final List<Line> CHINESE = read("/messages/refusals_zh.txt");

  private Refusals() {}

  /** @param translated has {1}, {2} … for the places of the pattern */
  record Line(Pattern english, String translated) {
    static Line parse(String text) {
      int arrow = text.indexOf(ARROW);
      if (arrow < 0) {
        throw new IllegalArgumentException("a line of refusals has no" + ARROW + ": " + text);
      }
      StringBuilder pattern = new StringBuilder();
      String english = text.substring(0, arrow);
      int from = 0;
      for (int at = english.indexOf(PLACE); at >= 0; at = english.indexOf(PLACE, from)) {
        pattern.append(Pattern.quote(english.substring(from, at))).append("(.+?)");
        from = at + PLACE.length();
      }
      pattern.append(Pattern.quote(english.substring(from)));
      return new Line(Pattern.compile(pattern.toString(), Pattern.DOTALL), text.substring(arrow + ARROW.length()));
    }

    Optional<String> apply(String message) {
      Matcher match = english.matcher(message);
      if (!match.matches()) {
        return Optional.empty();
      }
      // One pass over the translation: a varying part may itself hold braces.
      return Optional.of(PLACES.matcher(translated).replaceAll(place -> Matcher.quoteReplacement(match.group(Integer.parseInt(place.group(1))))));
    }
  }

  public static String say(Language language, String message) {
    return switch (language) {
      case ENGLISH -> message;
      case CHINESE -> translated(message);
    };
  }

  private static String translated(String message) {
    if (message.length() > LONGEST) {
      return message;
    }
    for (Line line : CHINESE) {
      Optional<String> found = line.apply(message);
      if (found.isPresent()) {
        return found.get();
      }
    }
    return message.chars().anyMatch(c -> c > 0x2e80) ? message : "服务器的答复：" + message;
  }

  static List<Line> lines() {
    return CHINESE;
  }

  private static List<Line> read(String resource) {
    List<Line> lines = new ArrayList<>();
    try (InputStream in = Refusals.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + resource + " is missing");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank() && !line.startsWith("#")).map(Line::parse).forEach(lines::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(lines);
  }
}
