package dev.tallyman.container;

import dev.tallyman.unit.ByteSize;
import java.util.Map;

/** How much of its output is kept: Docker's log options max-size and max-file. */
record LogSettings(long maxBytes, int files) {
  private static final long MIN_BYTES = 4096;
  private static final int MAX_FILES = 100;

  /** @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  static LogSettings of(ContainerSpec spec, ContainerConfig config) {
    if (!spec.logDriver().isEmpty() && !spec.logDriver().equals("json-file") && !spec.logDriver().equals("local")) {
      throw Refusal.unsupported("logging driver " + Refusal.quoted(spec.logDriver()) + " is not supported; output is kept on this host (json-file) and can be read by docker logs");
    }
    long bytes = ByteSize.parse(config.logSize()).bytes();
    int files = config.logFiles();
    for (Map.Entry<String, String> option : spec.logOptions().entrySet()) {
      switch (option.getKey()) {
        case "max-size" -> bytes = ByteSize.parse(option.getValue()).bytes();
        case "max-file" -> files = files(option.getValue());
        default -> throw Refusal.unsupported("unknown log opt '" + option.getKey() + "': max-size and max-file are supported");
      }
    }
    if (bytes < MIN_BYTES) {
      throw Refusal.invalid("invalid log opt max-size: at least 4k");
    }
    return new LogSettings(bytes, files);
  }

  private static int files(String text) {
    if (!text.matches("\\d{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_FILES) {
      throw Refusal.invalid("invalid log opt max-file: '" + text + "'; 1 to " + MAX_FILES);
    }
    return Integer.parseInt(text);
  }
}
