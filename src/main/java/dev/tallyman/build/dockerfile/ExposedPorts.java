package dev.tallyman.build.dockerfile;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Words of EXPOSE, {@code [address:][host:]port[-port][/protocol]}; address and host port have no meaning and are dropped, as Docker does. */
public final class ExposedPorts {
  private static final int HIGHEST = 65_535;

  private ExposedPorts() {}

  /**
   * Each port as {@code 80/tcp}.
   *
   * @throws DockerfileException without a place, for what is no port
   */
  public static Set<String> of(List<String> words) {
    Set<String> ports = new LinkedHashSet<>();
    for (String word : words) {
      String port = containerPart(word);
      int slash = port.indexOf('/');
      String protocol = slash < 0 || slash == port.length() - 1 ? "tcp" : port.substring(slash + 1).toLowerCase(Locale.ROOT);
      String range = slash < 0 ? port : port.substring(0, slash);
      if (range.isEmpty()) {
        throw new DockerfileException("invalid port: " + Quoting.quoted(word) + ": no port specified");
      }
      if (!List.of("tcp", "udp", "sctp").contains(protocol)) {
        throw new DockerfileException("invalid port: " + Quoting.quoted(word) + ": invalid proto: " + protocol);
      }
      int hyphen = range.indexOf('-');
      int first = number(hyphen < 0 ? range : range.substring(0, hyphen), range);
      int last = hyphen < 0 ? first : number(range.substring(hyphen + 1), range);
      if (last < first) {
        throw invalid(range);
      }
      for (int each = first; each <= last; each++) {
        ports.add(each + "/" + protocol);
      }
    }
    return ports;
  }

  /** What follows the last colon. */
  static String containerPart(String word) {
    return word.substring(word.lastIndexOf(':') + 1);
  }

  private static int number(String text, String range) {
    try {
      int number = text.startsWith("+") ? -1 : Integer.parseInt(text);
      if (number >= 0 && number <= HIGHEST) {
        return number;
      }
    } catch (NumberFormatException refused) {
      // Answered below, as a number out of range is.
    }
    throw invalid(range);
  }

  private static DockerfileException invalid(String range) {
    return new DockerfileException("invalid containerPort: " + range);
  }
}
