package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.container.ContainerSizes.Size;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container as {@code docker ps} lists it. */
public final class ContainerRow {
  private ContainerRow() {}

  private static ObjectNode of(Container container, Instant now, ApiVersion version) {
    ObjectNode row = Json.object();
    row.put("Id", container.id());
    row.putArray("Names").add("/" + container.name());
    row.put("Image", container.image());
    row.put("ImageID", container.imageId());
    row.put("Command", command(container));
    row.put("Created", container.createdAt().getEpochSecond());
    row.set("Ports", ports(container));
    row.set("Labels", Json.texts(container.labels()));
    row.put("State", container.state().word());
    row.put("Status", status(container, now));
    ObjectNode host = row.putObject("HostConfig").put("NetworkMode", container.spec().networkMode());
    if (!version.isBefore(46) && !container.spec().special().annotations().isEmpty()) {
      host.set("Annotations", Json.texts(container.spec().special().annotations()));
    }
    row.putObject("NetworkSettings").set("Networks", ContainerViews.networks(container));
    row.set("Mounts", MountFields.mounts(container));
    return row;
  }

  /** The further names that links give it, with its own in the order of the alphabet, as dockerd lists them. */
  static void addNames(ObjectNode row, List<String> linked) {
    List<String> names = new ArrayList<>(linked);
    names.add(row.get("Names").get(0).asText());
    row.set("Names", Json.texts(names.stream().sorted().toList()));
  }

  /** With its size, if that was asked for; as dockerd, nothing is said of what takes no room. */
  public static ObjectNode of(Container container, Instant now, @Nullable Size size, ApiVersion version) {
    ObjectNode row = of(container, now, version);
    if (size != null && size.writableBytes() != 0) {
      row.put("SizeRw", size.writableBytes());
    }
    if (size != null && size.wholeBytes() != 0) {
      row.put("SizeRootFs", size.wholeBytes());
    }
    return row;
  }

  /** As dockerd: arguments with a blank in quotes. */
  private static String command(Container container) {
    StringBuilder line = new StringBuilder(container.path());
    for (String each : container.args()) {
      line.append(' ').append(each.indexOf(' ') >= 0 ? "'" + each + "'" : each);
    }
    return line.toString();
  }

  private static ArrayNode ports(Container container) {
    ArrayNode ports = Json.array();
    if (!container.state().isAlive()) {
      return ports;
    }
    for (PublishedPort each : container.ports()) {
      ports.addObject().put("IP", each.hostAddress()).put("PrivatePort", each.containerPort()).put("PublicPort", each.hostPort()).put("Type", each.protocol());
    }
    for (String each : ContainerViews.exposedPorts(container)) {
      String[] parts = each.split("/", 2);
      boolean isPublished = container.ports().stream().anyMatch(port -> parts[0].equals(Integer.toString(port.containerPort())) && parts[1].equals(port.protocol()));
      if (!isPublished && parts[0].matches("\\d{1,5}")) {
        ports.addObject().put("PrivatePort", Integer.parseInt(parts[0])).put("Type", parts[1]);
      }
    }
    return ports;
  }

  static String status(Container container, Instant now) {
    return switch (container.state()) {
      case CREATED -> "Created";
      case RUNNING -> "Up " + since(container.startedAt(), now) + health(container);
      case PAUSED -> "Up " + since(container.startedAt(), now) + " (Paused)";
      case RESTARTING -> "Restarting (" + container.exitCode() + ") " + since(container.finishedAt(), now) + " ago";
      case EXITED -> "Exited (" + container.exitCode() + ") " + since(container.finishedAt(), now) + " ago";
      case REMOVING, REMOVED -> "Removal In Progress";
    };
  }

  private static String health(Container container) {
    return switch (container.healthStatus()) {
      case NONE -> "";
      case STARTING -> " (health: starting)";
      case HEALTHY, UNHEALTHY -> " (" + container.healthStatus().word() + ")";
    };
  }

  private static String since(@Nullable Instant then, Instant now) {
    return words(Duration.between(then == null ? now : then, now));
  }

  /** As Go's units.HumanDuration, which scripts read. */
  static String words(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 1) {
      return "Less than a second";
    }
    if (seconds < 60) {
      return seconds == 1 ? "1 second" : seconds + " seconds";
    }
    long minutes = seconds / 60;
    if (minutes < 60) {
      return minutes == 1 ? "About a minute" : minutes + " minutes";
    }
    long hours = Math.round(seconds / 3600.0);
    if (hours < 48) {
      return hours == 1 ? "About an hour" : hours + " hours";
    }
    List<Long> steps = List.of(24L * 7 * 2, 24L * 30 * 2, 24L * 365 * 2);
    if (hours < steps.get(0)) {
      return hours / 24 + " days";
    }
    if (hours < steps.get(1)) {
      return hours / 24 / 7 + " weeks";
    }
    return hours < steps.get(2) ? hours / 24 / 30 + " months" : hours / 24 / 365 + " years";
  }
}
