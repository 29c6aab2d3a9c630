package dev.tallyman.build.dockerfile;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Options of the build checks: {@code skip=A,B;experimental=C;error=true}; {@code all} stands for every rule.
 *
 * @param isError whether a finding fails the build
 */
record CheckOptions(Set<String> skipped, Set<String> experimental, boolean isError) {
  private static final String ALL = "all";

  CheckOptions {
    skipped = Set.copyOf(skipped);
    experimental = Set.copyOf(experimental);
  }

  /** What follows the first blank is a remark. */
  static CheckOptions parse(@Nullable String written) {
    String text = written == null ? "" : written.strip().split(" ", 2)[0];
    Set<String> skipped = new HashSet<>();
    Set<String> experimental = new HashSet<>();
    boolean isError = false;
    for (String part : text.isEmpty() ? new String[0] : text.split(";", 3)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals).strip();
      String value = part.substring(equals + 1).strip();
      switch (equals < 0 ? "" : key) {
        case "skip" -> names(value, skipped);
        case "experimental" -> names(value, experimental);
        case "error" -> isError = Flags.bool(value, "failed to parse check options: failed to parse check option " + Quoting.quoted(part));
        default -> throw new DockerfileException(
            "failed to parse check options: invalid check option " + Quoting.quoted(key), key, "skip=RULE,RULE, experimental=RULE or error=true");
      }
    }
    return new CheckOptions(skipped, experimental, isError);
  }

  private static void names(String value, Set<String> into) {
    for (String name : value.split(",", -1)) {
      into.add(name.strip());
    }
  }

  /** With the options of the comments directly above an instruction, when there are any; broken ones there do not count. */
  CheckOptions with(List<String> comments) {
    for (String comment : comments) {
      String[] parts = DirectiveReader.parts(comment, "");
      if (parts == null || !parts[0].equals("check")) {
        continue;
      }
      try {
        CheckOptions more = parse(parts[1]);
        Set<String> both = new HashSet<>(skipped);
        both.addAll(more.skipped);
        Set<String> bothExperimental = new HashSet<>(experimental);
        bothExperimental.addAll(more.experimental);
        return new CheckOptions(both, bothExperimental, isError);
      } catch (DockerfileException broken) {
        return this;
      }
    }
    return this;
  }

  boolean isOn(CheckRule rule) {
    Set<String> listed = rule.isExperimental() ? experimental : skipped;
    return (listed.contains(ALL) || listed.contains(rule.title())) == rule.isExperimental();
  }
}
