package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageConfig.Healthcheck;
import dev.tallyman.image.Images.Image;
import java.util.List;

/** Images as the API shows them. */
public final class ImageViews {
  private ImageViews() {}

  /** As {@code docker images} and {@code docker system df} list it. */
  public static ObjectNode row(Image image) {
    ObjectNode row = Json.object();
    row.put("Id", image.id());
    row.put("ParentId", image.parent() == null ? "" : image.parent());
    row.set("RepoTags", Json.texts(image.tags()));
    row.set("RepoDigests", Json.texts(image.repoDigests()));
    row.put("Created", image.createdAt().getEpochSecond());
    row.put("Size", image.sizeBytes());
    row.put("SharedSize", -1);
    row.set("Labels", Json.texts(image.config().labels()));
    row.put("Containers", -1);
    return row;
  }

  static ObjectNode inspect(Image image) {
    ObjectNode view = Json.object();
    view.put("Id", image.id());
    view.set("RepoTags", Json.texts(image.tags()));
    view.set("RepoDigests", Json.texts(image.repoDigests()));
    view.put("Parent", image.parent() == null ? "" : image.parent());
    view.put("Comment", image.comment());
    view.put("Created", Times.text(image.createdAt()));
    view.put("DockerVersion", "");
    view.put("Author", image.author());
    view.set("Config", config(image.config()));
    view.put("Architecture", image.architecture());
    view.put("Os", image.os());
    view.put("Size", image.sizeBytes());
    view.putObject("GraphDriver").put("Name", "overlay").putNull("Data");
    view.putObject("RootFS").put("Type", "layers").set("Layers", Json.texts(image.diffIds()));
    view.putObject("Metadata").put("LastTagTime", image.lastTaggedAt() == null ? Times.ZERO : Times.text(image.lastTaggedAt()));
    return view;
  }

  private static ObjectNode config(ImageConfig config) {
    ObjectNode view = Json.object();
    view.put("Hostname", "").put("Domainname", "").put("User", config.user());
    view.put("AttachStdin", false).put("AttachStdout", false).put("AttachStderr", false);
    if (!config.exposedPorts().isEmpty()) {
      view.set("ExposedPorts", Json.set(config.exposedPorts()));
    }
    view.put("Tty", false).put("OpenStdin", false).put("StdinOnce", false);
    view.set("Env", Json.texts(config.env()));
    putListOrNull(view, "Cmd", config.cmd());
    if (config.healthcheck() != null) {
      view.set("Healthcheck", healthcheck(config.healthcheck()));
    }
    view.put("Image", "");
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
