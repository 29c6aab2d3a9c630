package dev.tallyman.container;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * {@code source:/target[:options]} of {@code docker run -v}, read as Docker does (moby, volume/mounts/linux_parser.go).
 *
 * @param source a path of the host, or a volume's name
 * @param mode the options, as given
 */
record BindText(String source, String target, String mode) {
  private static final Set<String> PROPAGATIONS = Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");
  private static final Set<String> LABELS = Set.of("z", "Z");
  private static final Set<String> CONSISTENCIES = Set.of("consistent", "cached", "delegated");

  static BindText parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length < 1 || parts.length > 3 || parts[0].isEmpty()) {
      throw Refusal.invalid("invalid volume specification: '" + text + "'");
    }
    if (parts.length == 1) {
      throw Refusal.invalid("invalid volume specification: '" + text + "': a target is missing; anonymous volumes belong into Volumes");
    }
    if (parts.length == 2 && !parts[1].startsWith("/") && isMode(parts[1])) {
      throw Refusal.invalid("invalid volume specification: '" + text + "'");
    }
    String mode = parts.length == 3 ? parts[2] : "";
    if (parts.length == 3 && !isMode(mode)) {
      throw Refusal.invalid("invalid mode: " + mode);
    }
    BindText read = new BindText(parts[0], MountRules.target(text, parts[1]), mode);
    if (!read.isVolume()) {
      if (read.words().contains("nocopy")) {
        throw Refusal.invalid("invalid volume specification: '" + text + "': invalid mode: nocopy is for volumes");
      }
      MountRules.source(read.source);
    }
    return read;
  }

  /** Each kind of option at most once. */
  private static boolean isMode(String mode) {
    List<String> words = Arrays.asList(mode.split(",", -1));
    List<String> kinds = new ArrayList<>();
    for (String each : words) {
      String kind =
          each.equals("ro") || each.equals("rw") ? "access"
              : each.equals("nocopy") ? "copy"
              : LABELS.contains(each) ? "label" : PROPAGATIONS.contains(each) ? "propagation" : CONSISTENCIES.contains(each) ? "consistency" : "";
      if (kind.isEmpty() || kinds.contains(kind)) {
        return false;
      }
      kinds.add(kind);
    }
    return true;
  }

  boolean isVolume() {
    return !source.startsWith("/");
  }

  List<String> words() {
    return Arrays.asList(mode.split(","));
  }

  boolean isReadOnly() {
    return words().contains("ro");
  }

  String propagation() {
    return words().stream().filter(PROPAGATIONS::contains).findFirst().orElse("");
  }
}
