package dev.tallyman.container;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Environments of processes: lists of {@code NAME=value}. */
public final class Environment {
  /** What programs are looked up in where the image says nothing. */
  static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Environment() {}

  /** Later variables replace earlier ones of the same name in their place; a name without a value takes the variable away. */
  public static List<String> merged(List<String> base, List<String> changes) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (List<String> each : List.of(base, changes)) {
      for (String variable : each) {
        int equals = variable.indexOf('=');
        if (equals < 0) {
          byName.remove(variable);
        } else {
          byName.put(variable.substring(0, equals), variable);
        }
      }
    }
    return List.copyOf(byName.values());
  }

  /** As {@link #merged}, but a name without a value stays in the list: it takes the variable away where a process gets its environment. */
  static List<String> listed(List<String> base, List<String> changes) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (List<String> each : List.of(base, changes)) {
      for (String variable : each) {
        int equals = variable.indexOf('=');
        byName.put(equals < 0 ? variable : variable.substring(0, equals), variable);
      }
    }
    return List.copyOf(byName.values());
  }

  /**
   * That of a process in a container.
   *
   * @param own the merged one of image and creator
   */
  public static List<String> ofProcess(List<String> own, String hostname, boolean isTty) {
    List<String> base = isTty ? List.of(PATH, "HOSTNAME=" + hostname, "TERM=xterm") : List.of(PATH, "HOSTNAME=" + hostname);
    return merged(base, own);
  }

  /** @throws dev.tallyman.error.TallymanException INVALID for an entry that is no variable */
  public static void check(List<String> env) {
    env.forEach(SpecRules::checkVariable);
  }
}
