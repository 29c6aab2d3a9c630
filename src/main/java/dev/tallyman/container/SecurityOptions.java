package dev.tallyman.container;

import dev.tallyman.error.TallymanException;
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
            throw invalid(option);
          }
          isUnmasked = true;
        }
        case "apparmor", "label" -> {
          if (!value.equals("unconfined") && !value.equals("disable")) {
            throw Refusal.unsupported("security option " + Refusal.quoted(option) + " is not supported on this host");
          }
        }
        case "writable-cgroups" -> {
          if (isTrue(option, value)) {
            throw Refusal.unsupported("security option " + Refusal.quoted(option) + " is not supported by this server: the control groups of containers are read-only");
          }
        }
        default -> throw invalid(option);
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
      case "", "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw invalid(option);
    };
  }

  /** In dockerd's words, number included: 1 is an option without a value, 2 one that is not known. */
  private static TallymanException invalid(String option) {
    return Refusal.invalid("invalid --security-opt " + (separator(option) < 0 ? 1 : 2) + ": " + Refusal.quoted(option));
  }

  /** The filter of system calls that a container has beside the built-in one; null if it has none. */
  public static @Nullable SyscallFilter filter(ContainerSpec spec) {
    return Isolating.filter(spec);
  }
}
