package dev.tallyman.container;

import java.util.List;

/**
 * Docker's {@code --security-opt} texts, read.
 *
 * @param isUnmasked systempaths=unconfined
 */
public record SecurityOptions(boolean noNewPrivileges, boolean isSeccompUnconfined, boolean isUnmasked) {
  /** @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  public static SecurityOptions parse(List<String> options) {
    boolean noNewPrivileges = false;
    boolean isSeccompUnconfined = false;
    boolean isUnmasked = false;
    for (String option : options) {
      int separator = separator(option);
      String key = separator < 0 ? option : option.substring(0, separator);
      String value = separator < 0 ? "" : option.substring(separator + 1);
      switch (key) {
        case "no-new-privileges" -> noNewPrivileges = isTrue(option, value);
        case "seccomp" -> {
          if (!value.equals("unconfined") && !value.equals("builtin")) {
            throw Refusal.unsupported("own seccomp profiles are not supported: the built-in one, or seccomp=unconfined where the host's policy allows it");
          }
          isSeccompUnconfined = value.equals("unconfined");
        }
        case "systempaths" -> {
          if (!value.equals("unconfined")) {
            throw Refusal.invalid("invalid --security-opt: " + Refusal.quoted(option));
          }
          isUnmasked = true;
        }
        case "apparmor", "label" -> {
          if (!value.equals("unconfined") && !value.equals("disable")) {
            throw Refusal.unsupported("security option " + Refusal.quoted(option) + " is not supported on this host");
          }
        }
        default -> throw Refusal.invalid("invalid --security-opt: " + Refusal.quoted(option));
      }
    }
    return new SecurityOptions(noNewPrivileges, isSeccompUnconfined, isUnmasked);
  }

  private static int separator(String option) {
    int equals = option.indexOf('=');
    return equals >= 0 ? equals : option.indexOf(':');
  }

  private static boolean isTrue(String option, String value) {
    return switch (value) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw Refusal.invalid("invalid --security-opt: " + Refusal.quoted(option));
    };
  }
}
