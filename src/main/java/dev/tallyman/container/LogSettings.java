package dev.tallyman.container;

import dev.tallyman.unit.ByteSize;
import java.util.Map;
import java.util.Set;

/** How much of its output is kept: Docker's log drivers and their options. A file takes what it is given at once, so no mode ever waits. */
record LogSettings(long maxBytes, int files) {
  private static final long MIN_BYTES = 4096;
  private static final int MAX_FILES = 100;
  private static final String NONE = "none";
  private static final Set<String> OF_BOTH = Set.of("max-size", "max-file", "compress", "mode", "max-buffer-size");
  private static final Set<String> OF_JSON_FILE = Set.of("labels", "labels-regex", "env", "env-regex", "tag");
  private static final Set<String> ELSEWHERE = Set.of("awslogs", "splunk", "etwlogs", "gcplogs", "logentries");

  /** @return no files for the driver none: output is not kept; @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  static LogSettings of(ContainerSpec spec, ContainerConfig config) {
    String driver = spec.logDriver().isEmpty() ? "json-file" : spec.logDriver();
    if (driver.equals(NONE)) {
      return new LogSettings(0, 0);
    }
    checkDriver(driver);
    long bytes = ByteSize.parse(config.logSize()).bytes();
    int files = config.logFiles();
    boolean isForwarded = LogReceiver.isForwarder(driver);
    if (isForwarded) {
      ForwardRules.check(spec);
    }
    for (Map.Entry<String, String> option : spec.logOptions().entrySet()) {
      String value = option.getValue();
      if (!isForwarded && !OF_BOTH.contains(option.getKey()) && !(driver.equals("json-file") && OF_JSON_FILE.contains(option.getKey()))) {
        throw Refusal.invalid("unknown log opt '" + option.getKey() + "' for " + driver + " log driver");
      }
      switch (option.getKey()) {
        case "max-size", "cache-max-size" -> bytes = ByteSize.parse(value).bytes();
        case "max-file", "cache-max-file" -> files = files(value);
        case "compress" -> checkCompression(value);
        case "mode" -> checkMode(value);
        case "max-buffer-size" -> checkBuffer(spec, value);
        case "labels-regex", "env-regex" -> NamePattern.check(option.getKey(), value);
        case "tag" -> LogTag.check(value);
        default -> {} // labels and env: names that need not be there
      }
    }
    if (bytes < MIN_BYTES) {
      throw Refusal.invalid("invalid log opt max-size: at least 4k");
    }
    return new LogSettings(bytes, files);
  }

  /** Whether a driver keeps output that can be read. */
  static boolean isKept(ContainerSpec spec) {
    return !spec.logDriver().equals(NONE);
  }

  private static void checkDriver(String driver) {
    if (ELSEWHERE.contains(driver)) {
      throw Refusal.unsupported(
          "logging driver " + Refusal.quoted(driver) + " is not supported: output is kept on this host (json-file, local), forwarded too (syslog, fluentd, gelf, journald), or not kept at all (none)");
    }
    if (!driver.equals("json-file") && !driver.equals("local") && !LogReceiver.isForwarder(driver)) {
      throw Refusal.invalid("logger: no log driver named '" + driver + "' is registered");
    }
  }

  private static int files(String text) {
    if (!text.matches("\\d{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_FILES) {
      throw Refusal.invalid("invalid log opt max-file: '" + text + "'; 1 to " + MAX_FILES);
    }
    return Integer.parseInt(text);
  }

  private static void checkCompression(String value) {
    if (!value.equals("false") && !value.equals("0")) {
      throw Refusal.unsupported("log opt compress=" + value + " is not supported: rotated files are kept as they are");
    }
  }

  private static void checkMode(String value) {
    if (!value.isEmpty() && !value.equals("blocking") && !value.equals("non-blocking")) {
      throw Refusal.invalid("logger: logging mode not supported: " + value);
    }
  }

  private static void checkBuffer(ContainerSpec spec, String value) {
    if (!"non-blocking".equals(spec.logOptions().get("mode"))) {
      throw Refusal.invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    }
    ByteSize.parse(value);
  }
}
