package dev.tallyman.image;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Signals that STOPSIGNAL may name (signal(7)). */
final class SignalNames {
  private static final Set<String> NAMES =
      Set.of(
          "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS",
          "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ");
  private static final Pattern REALTIME = Pattern.compile("RTMIN(\\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?");
  private static final Pattern NUMBER = Pattern.compile("[1-9]|[1-5]\\d|6[0-4]");

  private SignalNames() {}

  /** A number from 1 to 64, or a name with or without SIG. */
  static boolean isSignal(String text) {
    String name = text.toUpperCase(Locale.ROOT);
    String bare = name.startsWith("SIG") ? name.substring(3) : name;
    return NUMBER.matcher(name).matches() || NAMES.contains(bare) || REALTIME.matcher(bare).matches();
  }
}
