package dev.tallyman.container;

import java.util.Locale;

/** What is done with a container that has become unhealthy. Docker has nothing of the kind. */
public enum HealthAction {
  NONE,
  RESTART,
  /** No restart policy starts it again. */
  STOP,
  /** Likewise, and its process is not asked. */
  KILL;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** @throws dev.tallyman.error.TallymanException INVALID; empty = none */
  static HealthAction parse(String text) {
    return switch (text) {
      case "", "none" -> NONE;
      case "restart" -> RESTART;
      case "stop" -> STOP;
      case "kill" -> KILL;
      default -> throw Refusal.invalid("invalid action on unhealthy: " + Refusal.quoted(text) + "; none, restart, stop or kill");
    };
  }
}
