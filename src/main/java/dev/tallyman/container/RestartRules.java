package dev.tallyman.container;

import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.kernel.Sandboxes;
import org.jspecify.annotations.Nullable;

/** Restart policies: which there are, and what they say about an end. */
final class RestartRules {
  private RestartRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID with Docker's texts */
  static void check(RestartPolicy policy, boolean isRemovedAtExit) {
    switch (policy.name()) {
      case "", "no", "always", "unless-stopped" -> {
        if (policy.maximumRetries() != 0) {
          throw Refusal.invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
        }
      }
      case "on-failure" -> {
        if (policy.maximumRetries() < 0) {
          throw Refusal.invalid("invalid restart policy: maximum retry count cannot be negative");
        }
      }
      default ->
          throw Refusal.invalid(
              "invalid restart policy: unknown policy '" + policy.name() + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
    }
    if (isRemovedAtExit && isActive(policy)) {
      throw Refusal.invalid("can't create 'AutoRemove' container with restart policy");
    }
  }

  static boolean isActive(RestartPolicy policy) {
    return !policy.name().isEmpty() && !policy.name().equals("no");
  }

  /**
   * True if the policy starts it again after an end that nobody asked for.
   *
   * @param exit absent = the end is not known, e.g. the machine went down: that is a failure
   */
  static boolean restarts(RestartPolicy policy, Sandboxes.@Nullable Exit exit, int restarts) {
    return switch (policy.name()) {
      case "always", "unless-stopped" -> true;
      case "on-failure" -> (exit == null || exit.code() != 0) && hasRetries(policy, restarts);
      default -> false;
    };
  }

  private static boolean hasRetries(RestartPolicy policy, int restarts) {
    return policy.maximumRetries() == 0 || restarts < policy.maximumRetries();
  }

  /** True if the policy starts a container that the server finds stopped when it starts itself. */
  static boolean startsWithServer(RestartPolicy policy, Status status) {
    return switch (policy.name()) {
      case "always" -> status.startedAt() != null;
      case "unless-stopped" -> status.startedAt() != null && !status.isStoppedByUser();
      case "on-failure" -> status.startedAt() != null && !status.isStoppedByUser() && status.exitCode() != 0 && hasRetries(policy, status.restartCount());
      default -> false;
    };
  }
}
