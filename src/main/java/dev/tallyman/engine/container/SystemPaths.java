package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ProtectedPaths;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MaskedPaths and ReadonlyPaths: the usual lists, lists of one's own, or none of both ({@code --security-opt systempaths=unconfined}). */
final class SystemPaths {
  static final String UNCONFINED = "systempaths=unconfined";

  private SystemPaths() {}

  /** The security options, with the one that two empty lists stand for. */
  static List<String> securityOptions(JsonFields host) {
    List<String> options = host.texts("SecurityOpt");
    if (!areLifted(host) || options.contains(UNCONFINED)) {
      return options;
    }
    List<String> all = new ArrayList<>(options);
    all.add(UNCONFINED);
    return all;
  }

  static @Nullable List<String> masked(JsonFields host) {
    return areLifted(host) ? null : own(host, "MaskedPaths", ProtectedPaths.MASKED);
  }

  static @Nullable List<String> readOnly(JsonFields host) {
    return areLifted(host) ? null : own(host, "ReadonlyPaths", ProtectedPaths.READ_ONLY);
  }

  private static boolean areLifted(JsonFields host) {
    return List.of().equals(host.textsOrNull("MaskedPaths")) && List.of().equals(host.textsOrNull("ReadonlyPaths"));
  }

  private static @Nullable List<String> own(JsonFields host, String name, List<String> usual) {
    List<String> paths = host.textsOrNull(name);
    // A privileged container has them only if they are asked for.
    return paths == null || (paths.equals(usual) && !host.flag("Privileged")) ? null : paths;
  }

  static void write(ObjectNode host, ContainerSpec spec) {
    host.set("MaskedPaths", list(spec.special().maskedPaths(), ProtectedPaths.MASKED, spec));
    host.set("ReadonlyPaths", list(spec.special().readOnlyPaths(), ProtectedPaths.READ_ONLY, spec));
  }

  /** Null of a privileged container: it asked for none, and the policy says at its start whether it gets the usual ones. */
  private static JsonNode list(@Nullable List<String> given, List<String> usual, ContainerSpec spec) {
    if (given == null && spec.isPrivileged() && !spec.securityOptions().contains(UNCONFINED)) {
      return NullNode.getInstance();
    }
    return Json.texts(given != null ? given : spec.securityOptions().contains(UNCONFINED) ? List.of() : usual);
  }
}
