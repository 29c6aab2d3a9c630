package dev.tallyman.volume;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.unit.ByteSize;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a volume may be called and made of. Texts are Docker's where Docker has one. */
final class VolumeRules {
  static final String LOCAL = "local";
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
  private static final int NAME_CHARS = 255;
  private static final int LABEL_CHARS = 100_000;
  private static final Set<String> OPTIONS = Set.of("type", "o", "device", "size");

  private VolumeRules() {}

  static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }

  static void check(Volumes.NewVolume asked) {
    if (!asked.name().isEmpty()) {
      checkName(asked.name());
    }
    if (!asked.driver().isEmpty() && !asked.driver().equals(LOCAL)) {
      throw new TallymanException(
          ErrorKind.NOT_FOUND, "create " + asked.name() + ": error looking up volume plugin " + asked.driver() + ": plugin \"" + asked.driver() + "\" not found");
    }
    long chars = 0;
    for (Map.Entry<String, String> each : asked.labels().entrySet()) {
      chars += each.getKey().length() + each.getValue().length();
      if (each.getKey().isEmpty()) {
        throw invalid("invalid label: a name is empty");
      }
    }
    if (chars > LABEL_CHARS) {
      throw invalid("the labels are longer than " + LABEL_CHARS + " characters");
    }
    checkOptions(asked.name(), asked.options());
  }

  static void checkName(String name) {
    if (name.length() == 1) {
      throw invalid("create " + name + ": volume name is too short, names should be at least two alphanumeric characters");
    }
    if (!NAME.matcher(name).matches() || name.length() > NAME_CHARS) {
      throw invalid(
          "create " + name + ": \"" + name + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed."
              + " If you intended to pass a host directory, use absolute path");
    }
  }

  private static void checkOptions(String name, Map<String, String> options) {
    String begin = "create " + name + ": ";
    for (Map.Entry<String, String> each : options.entrySet()) {
      if (!OPTIONS.contains(each.getKey())) {
        throw invalid(begin + "invalid option: \"" + each.getKey() + "\"");
      }
      if (each.getValue().length() > 2000 || each.getValue().chars().anyMatch(c -> c < ' ')) {
        throw invalid(begin + "invalid value of the option \"" + each.getKey() + "\"");
      }
    }
    long limit = sizeLimit(begin, options);
    if (Set.of("size").containsAll(options.keySet())) {
      return;
    }
    if (limit > 0) {
      throw invalid(begin + "quota size requested but no quota support: a volume with a type has no files in the store; one in memory is limited by o=size=" + options.get("size"));
    }
    String type = options.getOrDefault("type", "");
    String device = options.getOrDefault("device", "");
    if (type.isEmpty() || device.isEmpty()) {
      throw invalid(begin + "missing required option: \"" + (device.isEmpty() ? "device" : "type") + "\"");
    }
    if (type.equals("tmpfs")) {
      return;
    }
    if (!isBind(options)) {
      throw invalid(
          begin + "type=" + type + " is not supported by this server: type=tmpfs, and type=none with o=bind for a directory below the policy's bind_roots, are;"
              + " mount other local file systems on the host below such a directory (Linux cannot show nfs and cifs with a container's ids)");
    }
    if (!device.startsWith("/")) {
      throw invalid(begin + "the option \"device\" must be an absolute path");
    }
  }

  private static long sizeLimit(String begin, Map<String, String> options) {
    try {
      return sizeLimit(options);
    } catch (TallymanException e) {
      throw invalid(begin + e.getMessage());
    }
  }

  /** In bytes; 0 = none. */
  static long sizeLimit(Map<String, String> options) {
    return options.containsKey("size") ? ByteSize.parse(options.get("size")).bytes() : 0;
  }

  /** A directory of the host under the name of a volume. */
  static boolean isBind(Map<String, String> options) {
    return options.getOrDefault("type", "").equals("none") && Set.of(options.getOrDefault("o", "").split(",")).stream().anyMatch(each -> each.equals("bind") || each.equals("rbind"));
  }
}
