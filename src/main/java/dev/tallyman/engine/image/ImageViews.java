package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageConfig.Healthcheck;
import dev.tallyman.image.Images.Image;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Images as the API shows them. */
public final class ImageViews {
  private ImageViews() {}

  /** As {@code docker images} and {@code docker system df} list it. */
  public static ObjectNode row(Image image, ApiVersion version) {
    ObjectNode row = Json.object();
    boolean isNameless = version.isBefore(43) && image.tags().isEmpty() && image.repoDigests().isEmpty();
    row.put("Id", image.id());
    row.put("ParentId", image.parent() == null ? "" : image.parent());
    row.set("RepoTags", Json.texts(isNameless ? List.of("<none>:<none>") : image.tags()));
    row.set("RepoDigests", Json.texts(isNameless ? List.of("<none>@<none>") : image.repoDigests()));
    row.put("Created", image.createdAt().getEpochSecond());
    row.put("Size", image.sizeBytes());
    if (version.isBefore(44)) {
      row.put("VirtualSize", image.sizeBytes());
    }
    row.put("SharedSize", -1);
    row.set("Labels", Json.texts(image.config().labels()));
    row.put("Containers", -1);
    return row;
  }

  static ObjectNode inspect(Image image, ApiVersion version) {
    ObjectNode view = Json.object();
    view.put("Id", image.id());
    view.set("RepoTags", Json.texts(image.tags()));
    view.set("RepoDigests", Json.texts(image.repoDigests()));
    view.put("Parent", image.parent() == null ? "" : image.parent());
    view.put("Comment", image.comment());
    view.put("Created", Times.text(image.createdAt()));
    if (version.isBefore(45)) {
      view.set("ContainerConfig", config(ImageConfig.empty(), true));
    }
    putFact(view, "Container", fact(image, "container"));
    view.put("DockerVersion", "");
    view.put("Author", image.author());
    view.set("Config", config(image.config(), version.isBefore(50)));
    view.put("Architecture", image.architecture());
    putFact(view, "Variant", fact(image, "variant"));
    view.put("Os", image.os());
    putFact(view, "OsVersion", fact(image, "os.version"));
    view.put("Size", image.sizeBytes());
    if (version.isBefore(44)) {
      view.put("VirtualSize", image.sizeBytes());
    }
    view.putObject("GraphDriver").put("Name", "overlay").putNull("Data");
    view.putObject("RootFS").put("Type", "layers").set("Layers", Json.texts(image.diffIds()));
    view.putObject("Metadata").put("LastTagTime", image.lastTaggedAt() == null ? Times.ZERO : Times.text(image.lastTaggedAt()));
    return view;
  }

  /** A text of the image's configuration; empty when it has none of that name. */
  static String fact(Image image, String name) {
    return Json.parse(image.configJson().getBytes(StandardCharsets.UTF_8)).path(name).asText("");
  }

  private static void putFact(ObjectNode view, String name, String fact) {
    if (!fact.isEmpty()) {
      view.put(name, fact);
    }
  }

  /** @param isOfContainers with the fields that mean something to containers only, always empty: dockerd left them out with 1.50 */
  private static ObjectNode config(ImageConfig config, boolean isOfContainers) {
    ObjectNode view = Json.object();
    if (isOfContainers) {
      view.put("Hostname", "").put("Domainname", "").put("Image", "");
      for (String each : List.of("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce")) {
        view.put(each, false);
      }
    }
    view.put("User", config.user());
    if (!config.exposedPorts().isEmpty()) {
      view.set("ExposedPorts", Json.set(config.exposedPorts()));
    }
    view.set("Env", Json.texts(config.env()));
    putListOrNull(view, "Cmd", config.cmd());
    if (config.healthcheck() != null) {
      view.set("Healthcheck", healthcheck(config.healthcheck()));
    }
    if (config.volumes().isEmpty()) {
      view.putNull("Volumes");
    } else {
      view.set("Volumes", Json.set(config.volumes()));
    }
    view.put("WorkingDir", config.workingDir());
    putListOrNull(view, "Entrypoint", config.entrypoint());
    putListOrNull(view, "OnBuild", config.onBuild());
    if (config.labels().isEmpty()) {
      view.putNull("Labels");
    } else {
      view.set("Labels", Json.texts(config.labels()));
    }
    if (!config.stopSignal().isEmpty()) {
      view.put("StopSignal", config.stopSignal());
    }
    if (!config.shell().isEmpty()) {
      view.set("Shell", Json.texts(config.shell()));
    }
    return view;
  }

  private static ObjectNode healthcheck(Healthcheck check) {
    ObjectNode view = Json.object();
    view.set("Test", Json.texts(check.test()));
    putIfSet(view, "Interval", check.intervalNanos());
    putIfSet(view, "Timeout", check.timeoutNanos());
    putIfSet(view, "StartPeriod", check.startPeriodNanos());
    putIfSet(view, "StartInterval", check.startIntervalNanos());
    putIfSet(view, "Retries", check.retries());
    return view;
  }

  private static void putIfSet(ObjectNode view, String name, long value) {
    if (value != 0) {
      view.put(name, value);
    }
  }

  private static void putListOrNull(ObjectNode view, String name, List<String> values) {
    if (values.isEmpty()) {
      view.putNull(name);
    } else {
      view.set(name, Json.texts(values));
    }
  }
}
