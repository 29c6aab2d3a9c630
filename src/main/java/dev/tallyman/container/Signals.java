package dev.tallyman.container;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Numbers of signals (signal(7), x86 and ARM). */
public final class Signals {
  public static final int KILL = 9;
  public static final int TERM = 15;

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
          "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final Map<String, Integer> NUMBERS = numbers();
  private static final int RTMIN = 34;
  private static final int RTMAX = 64;

  private Signals() {}

  private static Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>(Map.of("IOT", 6, "CLD", 17, "POLL", 29));
    for (int i = 0; i < NAMES.size(); i++) {
      numbers.put(NAMES.get(i), i + 1);
    }
    for (int number = RTMIN; number <= RTMAX; number++) {
      numbers.put("RTMIN+" + (number - RTMIN), number);
      numbers.put("RTMAX-" + (RTMAX - number), number);
    }
    numbers.put("RTMIN", RTMIN);
    numbers.put("RTMAX", RTMAX);
    return numbers;
  }

  /**
   * Reads {@code 9}, {@code KILL} or {@code SIGKILL}.
   *
   * @throws dev.tallyman.error.TallymanException INVALID with Docker's text
   */
  public static int parse(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.matches("\\d{1,2}")) {
      int number = Integer.parseInt(name);
      if (number >= 1 && number <= RTMAX) {
        return number;
      }
    }
    Integer number = NUMBERS.get(name.startsWith("SIG") ? name.substring(3) : name);
    if (number == null) {
      throw Refusal.invalid("invalid signal: " + text);
    }
    return number;
  }
}
