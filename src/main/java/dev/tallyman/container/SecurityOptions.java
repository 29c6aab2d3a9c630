package dev.tallyman.container;

import dev.tallyman.kernel.SyscallFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Docker's {@code --security-opt} texts, read.
 *
 * @param isUnmasked systempaths=unconfined
 * @param seccompProfile JSON of the container's own filter of system calls; null = none
 */
public record SecurityOptions(boolean noNewPrivileges, boolean isSeccompUnconfined, boolean isUnmasked, @Nullable String seccompProfile) {
  /** @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  public static SecurityOptions parse(List<String> options) {
    boolean noNewPrivileges = false;
    boolean isSeccompUnconfined = false;
    boolean isUnmasked = false;
    String profile = null;
    for (String option : options) {
      int separator = separator(option);
      String key = separator < 0 ? option : option.substring(0, separator);
      String value = separator < 0 ? "" : option.substring(separator + 1);
      switch (key) {
        case "no-new-privileges" -> noNewPrivileges = isTrue(option, value);
        case "seccomp" -> {
          isSeccompUnconfined = value.equals("unconfined");
          profile = isSeccompUnconfined || value.equals("builtin") ? null : value;
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
    return new SecurityOptions(noNewPrivileges, isSeccompUnconfined, isUnmasked, profile);
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

  /** The filter of system calls that a container has beside the built-in one; null if it has none. */
  public static @Nullable SyscallFilter filter(ContainerSpec spec) {
    return Isolating.filter(spec);
  }
}
