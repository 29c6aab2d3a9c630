package dev.tallyman.build.dockerfile;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** HEALTHCHECK: NONE, or CMD with its flags. */
final class Healthchecks {
  private static final Set<String> FLAGS = Set.of("interval", "timeout", "start-period", "start-interval", "retries");
  private static final Duration LEAST = Duration.ofMillis(1);

  private Healthchecks() {}

  static Instruction.Healthcheck of(Node node, String original) {
    List<String> arguments = node.arguments();
    if (arguments.isEmpty()) {
      throw new DockerfileException("HEALTHCHECK requires at least one argument", null, "HEALTHCHECK CMD command or HEALTHCHECK NONE");
    }
    Flags flags = Flags.of(node.flags(), Set.of(), FLAGS, Set.of());
    String type = arguments.get(0).toUpperCase(Locale.ROOT);
    List<String> words = arguments.subList(1, arguments.size());
    CommandForm command = null;
    if (type.equals("NONE")) {
      if (!words.isEmpty()) {
        throw new DockerfileException("HEALTHCHECK NONE takes no arguments", words.get(0), "nothing after NONE");
      }
    } else if (!type.equals("CMD")) {
      throw new DockerfileException("Unknown type " + Quoting.quoted(type) + " in HEALTHCHECK (try CMD)", arguments.get(0), "CMD or NONE");
    } else if (words.isEmpty()) {
      throw new DockerfileException("Missing command after HEALTHCHECK CMD", arguments.get(0), "a command");
    } else {
      command = Instructions.form(words, node.isJson());
    }
    return new Instruction.Healthcheck(
        node.at(), original, command, duration(flags, "interval"), duration(flags, "timeout"), duration(flags, "start-period"),
        duration(flags, "start-interval"), retries(flags.text("retries")));
  }

  private static Duration duration(Flags flags, String name) {
    String text = flags.text(name);
    Duration duration = text.isEmpty() ? Duration.ZERO : Durations.parse(text);
    if (!duration.isZero() && duration.compareTo(LEAST) < 0) {
      throw new DockerfileException("Interval " + Quoting.quoted(name) + " cannot be less than 1ms", text, "1ms or more, or 0 for the default");
    }
    return duration;
  }

  private static int retries(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    int retries;
    try {
      retries = Integer.parseInt(text);
    } catch (NumberFormatException refused) {
      throw new DockerfileException("invalid --retries: " + Quoting.quoted(text) + " is not a number", text, "a number");
    }
    if (retries < 0) {
      throw new DockerfileException("--retries cannot be negative (" + retries + ")", text, "0 or more");
    }
    return retries;
  }
}
