package dev.tallyman.container;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Which options the forwarding log drivers have; texts are Docker's where Docker has one. How much is kept on the host is up to {@link LogSettings}. */
final class ForwardRules {
  private static final Set<String> OF_ALL = Set.of("tag", "labels", "labels-regex", "env", "env-regex", "mode", "max-buffer-size", "cache-max-size", "cache-max-file", "cache-disabled", "cache-compress");
  private static final Map<String, Set<String>> OWN =
      Map.of(
          "syslog", Set.of("syslog-address", "syslog-facility", "syslog-format"),
          "fluentd", Set.of("fluentd-address", "fluentd-async", "fluentd-sub-second-precision", "fluentd-request-ack"),
          "journald", Set.of(),
          "gelf", Set.of("gelf-address", "gelf-compression-type", "gelf-compression-level"));
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("syslog-tls-ca-cert", "authorities are the host's, see tallyman.log.authorities"),
          Map.entry("syslog-tls-cert", "the server has no certificates of clients"),
          Map.entry("syslog-tls-key", "the server has no certificates of clients"),
          Map.entry("syslog-tls-skip-verify", "certificates are always verified"),
          Map.entry("fluentd-buffer-limit", "what waits is on the disk, not in memory"),
          Map.entry("fluentd-retry-wait", "it is tried again until it works"),
          Map.entry("fluentd-max-retries", "it is tried again until it works"),
          Map.entry("fluentd-async-connect", "use fluentd-async"),
          Map.entry("fluentd-async-reconnect-interval", "it is tried again until it works"),
          Map.entry("fluentd-read-timeout", "the server has its own"),
          Map.entry("fluentd-write-timeout", "the server has its own"),
          Map.entry("gelf-tcp-max-reconnect", "it is tried again until it works"),
          Map.entry("gelf-tcp-reconnect-delay", "it is tried again until it works"));
  private static final Pattern FACILITY =
      Pattern.compile("kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]|0|[1-9]|1[0-9]|2[0-3]");
  private static final Pattern FLAG = Pattern.compile("true|false|1|0");

  private ForwardRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  static void check(ContainerSpec spec) {
    String driver = spec.logDriver();
    Set<String> own = OWN.getOrDefault(driver, Set.of());
    spec.logOptions()
        .forEach(
            (name, value) -> {
              if (REFUSED.containsKey(name) && name.startsWith(driver + "-")) {
                throw Refusal.unsupported("log opt " + name + " is not supported: " + REFUSED.get(name));
              }
              if (!OF_ALL.contains(name) && !own.contains(name)) {
                throw Refusal.invalid("unknown log opt '" + name + "' for " + driver + " log driver");
              }
              checkValue(name, value);
            });
    LogReceiver receiver = LogReceiver.of(spec);
    boolean isStream = receiver != null && !receiver.transport().equals("udp");
    if (isStream && (spec.logOptions().containsKey("gelf-compression-type") || spec.logOptions().containsKey("gelf-compression-level"))) {
      throw Refusal.invalid("compression is only supported on UDP");
    }
  }

  private static void checkValue(String name, String value) {
    switch (name) {
      case "tag" -> LogTag.check(value);
      case "syslog-facility" -> require(FACILITY.matcher(value).matches(), "invalid syslog facility");
      case "syslog-format" -> require(Set.of("", "rfc3164", "rfc5424", "rfc5424micro").contains(value), "Invalid syslog format");
      case "gelf-compression-type" -> require(Set.of("gzip", "zlib", "none").contains(value), "gelf: invalid compression type: " + Refusal.quoted(value));
      case "gelf-compression-level" -> require(value.matches("-1|[0-9]"), "gelf: invalid compression level " + Refusal.quoted(value));
      case "fluentd-async", "fluentd-sub-second-precision", "fluentd-request-ack", "cache-disabled", "cache-compress" ->
          require(FLAG.matcher(value).matches(), "invalid log opt " + name + ": " + Refusal.quoted(value) + "; true or false");
      default -> {}
    }
    boolean isOn = value.equals("true") || value.equals("1");
    if (name.equals("cache-disabled") && isOn) {
      throw Refusal.unsupported("log opt cache-disabled is not supported: output is forwarded from what is kept on this host");
    }
    if (name.equals("cache-compress") && isOn) {
      throw Refusal.unsupported("log opt cache-compress is not supported: rotated files are kept as they are");
    }
  }

  private static void require(boolean isGood, String message) {
    if (!isGood) {
      throw Refusal.invalid(message);
    }
  }
}
