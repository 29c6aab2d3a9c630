package dev.tallyman.container;

import dev.tallyman.kernel.Isolation;
import dev.tallyman.unit.ByteSize;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the rarer options. Texts are Docker's where Docker has one. */
final class SpecialRules {
  private static final Pattern RULE = Pattern.compile("([acb]) (\\d{1,8}|\\*):(\\d{1,8}|\\*) ([rwm]{1,3})");
  private static final Pattern ACCESS = Pattern.compile("[rwm]{1,3}");
  private static final int MAX_ENTRIES = 64;
  private static final int MAX_PATHS = 200;
  private static final int ANY = -1;
  /** Of a terminal: the kernel's struct winsize has 16 bits for it. */
  private static final int MAX_LENGTH = 65_535;

  private static final Set<String> STORAGE = Set.of("size");
  private static final int MAX_FILE_NAME = 4096;

  private SpecialRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static void check(ContainerSpec spec) {
    SpecialOptions special = spec.special();
    Modes.check(spec);
    special.devices().forEach(SpecialRules::checkDevice);
    special.deviceRules().forEach(SpecialRules::rule);
    if (special.devices().size() > MAX_ENTRIES || special.deviceRules().size() > MAX_ENTRIES) {
      throw Refusal.invalid("a container may have " + MAX_ENTRIES + " devices and as many rules for devices");
    }
    checkPaths("MaskedPaths", special.maskedPaths());
    checkPaths("ReadonlyPaths", special.readOnlyPaths());
    SpecialOptions.Terminal size = special.terminal();
    if (size.rows() < 0 || size.columns() < 0 || size.rows() > MAX_LENGTH || size.columns() > MAX_LENGTH) {
      throw Refusal.invalid("invalid ConsoleSize: " + size.rows() + " rows, " + size.columns() + " columns; 0 to " + MAX_LENGTH);
    }
    if (special.idFile().length() > MAX_FILE_NAME) {
      throw Refusal.invalid("invalid ContainerIDFile: longer than " + MAX_FILE_NAME + " characters");
    }
    if (!STORAGE.containsAll(special.storage().keySet())) {
      throw Refusal.invalid("Unknown option " + String.join(", ", special.storage().keySet()) + "; --storage-opt has size");
    }
    special.storage().values().forEach(ByteSize::parse);
    long chars = special.annotations().entrySet().stream().mapToLong(each -> each.getKey().length() + each.getValue().length()).sum();
    if (chars > 100_000) {
      throw Refusal.invalid("invalid Annotations: they are longer than 100000 characters");
    }
    if (special.annotations().containsKey("")) {
      throw Refusal.invalid("invalid Annotations: the empty string is not permitted as an annotation key");
    }
  }

  private static void checkDevice(SpecialOptions.Device device) {
    if (!device.onHost().startsWith("/dev/") || device.onHost().matches(".*[ \\x00-\\x1f].*")) {
      throw Refusal.invalid("error gathering device information while adding custom device " + Refusal.quoted(device.onHost()) + ": not a device node");
    }
    if (!device.inContainer().startsWith("/") || device.inContainer().chars().anyMatch(c -> c < ' ') || device.inContainer().length() > 1000) {
      throw Refusal.invalid("invalid device: its place in the container must be an absolute path: " + Refusal.quoted(device.inContainer()));
    }
    if (!ACCESS.matcher(device.access()).matches()) {
      throw Refusal.invalid("invalid device mode: " + device.access());
    }
  }

  /** Reads "c 10:200 rwm". */
  static Isolation.DeviceRule rule(String text) {
    Matcher parts = RULE.matcher(text);
    if (!parts.matches()) {
      throw Refusal.invalid("invalid device cgroup rule format: '" + text + "'");
    }
    int access = (parts.group(4).contains("r") ? 1 : 0) | (parts.group(4).contains("w") ? 2 : 0) | (parts.group(4).contains("m") ? 4 : 0);
    return new Isolation.DeviceRule(text.charAt(0), access, number(parts.group(2)), number(parts.group(3)));
  }

  private static int number(String text) {
    return text.equals("*") ? ANY : Integer.parseInt(text);
  }

  private static void checkPaths(String field, @Nullable List<String> paths) {
    if (paths == null) {
      return;
    }
    if (paths.size() > MAX_PATHS) {
      throw Refusal.invalid("HostConfig." + field + " has more than " + MAX_PATHS + " paths");
    }
    for (String each : paths) {
      if (!each.startsWith("/") || each.length() > 1000 || each.indexOf('\0') >= 0 || each.matches("[/.]*")) {
        throw Refusal.invalid("invalid path in HostConfig." + field + ": " + Refusal.quoted(each));
      }
    }
  }
}
