package dev.tallyman.dashboard.container;

import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which field of the create form a refusal of the service is about. */
final class RefusedField {
  private static final List<String> OF_ADDRESSES =
      List.of("invalid ipv4 address", "invalid ipv6 address", "invalid address ", "user specified ip address", "address already in use");

  private final CreateForm form;

  RefusedField(CreateForm form) {
    this.form = form;
  }

  /** The name of a field; "form" when no single one is meant. */
  String of(TallymanException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure.kind()) {
      case ALREADY_EXISTS -> "name";
      case NOT_FOUND -> isOfMounted(message) ? "imageMounts" : "image";
      case INVALID, DENIED, EXHAUSTED, CONFLICT -> byWord(message);
      case UNAUTHENTICATED, TOO_LARGE, UNAVAILABLE, UNSUPPORTED, INTERNAL -> "form";
    };
  }

  private String byWord(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    if (isOfSecrets(lower)) {
      return "secrets";
    }
    if (OF_ADDRESSES.stream().anyMatch(lower::startsWith)) {
      return has(form.address, message) || isEmpty(form.networks) ? "address" : "networks";
    }
    if (lower.startsWith("invalid network alias") || lower.startsWith("network-scoped aliases")) {
      return isEmpty(form.aliases) || lower.startsWith("invalid") && !isEmpty(form.networks) && !hasAlias(message) ? "networks" : "aliases";
    }
    if (lower.startsWith("network ") && lower.endsWith(" not found")) {
      return has(form.network, message) ? "network" : "networks";
    }
    if (lower.startsWith("network ") && lower.endsWith(" is named twice")) {
      return "networks";
    }
    if (message.contains(" port ") || message.contains(" port:")) {
      return "ports";
    }
    if (message.contains("nvalid container name")) {
      return "name";
    }
    return byOption(lower);
  }

  private static String byOption(String lower) {
    if (lower.contains("--storage-opt")) {
      return "storage";
    }
    if (lower.contains("log opt max-size")) {
      return "logSize";
    }
    if (lower.contains("log opt max-file")) {
      return "logFiles";
    }
    if (lower.contains("healthcheck")) {
      return "healthCommand";
    }
    if (lower.contains("maximum run time")) {
      return "maxRuntime";
    }
    if (lower.contains("type \"image\"") || lower.startsWith("the images that a container mounts")) {
      return "imageMounts";
    }
    if (lower.contains("tmpfs")) {
      return "tmpfs";
    }
    if (lower.contains("volume") || lower.contains("mount") || lower.contains("bind")) {
      return "mounts";
    }
    if (lower.contains("memory reservation")) {
      return "reservation";
    }
    if (lower.contains("memory")) {
      return "memory";
    }
    if (lower.contains("cpu shares")) {
      return "shares";
    }
    return lower.contains("pids limit") ? "pids" : "form";
  }

  private static boolean isOfSecrets(String lower) {
    return lower.startsWith("secret not found") || lower.startsWith("invalid secret ") || lower.startsWith("a container may have ") && lower.endsWith(" secrets");
  }

  /** As the name in "No such image", which has a tag where none was typed. */
  private boolean isOfMounted(String message) {
    return form.imageMounts != null && form.imageMounts.lines().map(each -> each.replaceFirst(":/[^:]*$", "").strip()).anyMatch(each -> !each.isEmpty() && !each.equals(form.image) && has(each, message));
  }

  private boolean hasAlias(String message) {
    return form.aliases != null && List.of(form.aliases.split("[,\\s]+")).stream().anyMatch(each -> has(each, message));
  }

  private static boolean has(@Nullable String typed, String message) {
    return !isEmpty(typed) && message.contains(typed.strip());
  }

  private static boolean isEmpty(@Nullable String typed) {
    return typed == null || typed.isBlank();
  }
}
