package dev.tallyman.dashboard.event;

import dev.tallyman.event.Event;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An event in the list. */
record EventLine(Event event) {
  /** Names of facts that Docker or the server adds; labels of the object are left out, they are on its page. */
  private static final List<String> FACTS =
      List.of("image", "exitCode", "signal", "execDuration", "oldName", "driver", "destination", "read/write", "propagation", "container", "reclaimed", "comment", "imageRef", "execID");
  private static final int LONGEST = 200;

  public String name() {
    String name = event.attributes().getOrDefault("name", "");
    String id = event.id().startsWith("sha256:") ? event.id().substring("sha256:".length()) : event.id();
    return name.isEmpty() ? (id.matches("[0-9a-f]{64}") ? id.substring(0, 12) : id) : name;
  }

  /** Page of the object, which may be gone by now; null where there is none. */
  public @Nullable String link() {
    boolean isPlain = event.id().matches("(sha256:)?[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    if (!isPlain || event.action().equals("destroy") && !event.type().equals("container") || event.action().equals("delete")) {
      return null;
    }
    return switch (event.type()) {
      case "container" -> "/ui/containers/" + event.id();
      case "volume" -> "/ui/volumes/" + event.id();
      case "network" -> "/ui/networks/" + event.id();
      case "image" -> event.id().startsWith("sha256:") ? "/ui/images/" + URLEncoder.encode(event.id(), StandardCharsets.UTF_8).replace("%3A", ":") : null;
      default -> null;
    };
  }

  /** Name of the account; empty for events of versions that did not keep it. */
  public String who() {
    return event.attributes().getOrDefault(Event.ACCOUNT, "");
  }

  public String way() {
    return event.attributes().getOrDefault(Event.WAY, "");
  }

  /** False for what people look for first when something is wrong. */
  public boolean isGood() {
    boolean endedBadly = event.action().equals("die") && !event.attributes().getOrDefault("exitCode", "0").equals("0");
    return !endedBadly && !event.action().equals("oom") && !event.action().equals("health_status: unhealthy");
  }

  public Map<String, String> facts() {
    Map<String, String> facts = new TreeMap<>();
    event.attributes().forEach((name, value) -> {
      if (FACTS.contains(name) && !value.isEmpty()) {
        String shown = value.matches("(sha256:)?[0-9a-f]{64}") ? value.replace("sha256:", "").substring(0, 12) : value;
        facts.put(name, shown.length() > LONGEST ? shown.substring(0, LONGEST) + "…" : shown);
      }
    });
    return facts;
  }
}
