package dev.tallyman.engine.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.system.DiskUsage.VolumeUse;
import dev.tallyman.volume.Volume;

/** Volumes in Docker's form. */
public final class VolumeViews {
  private VolumeViews() {}

  /** As {@code docker volume inspect} shows it. */
  static ObjectNode view(Volume volume, String mountpoint) {
    ObjectNode view = Json.object();
    view.put("CreatedAt", Times.text(volume.createdAt()));
    view.put("Driver", volume.driver());
    if (volume.labels().isEmpty()) {
      view.putNull("Labels");
    } else {
      view.set("Labels", Json.texts(volume.labels()));
    }
    view.put("Mountpoint", mountpoint);
    view.put("Name", volume.name());
    if (volume.options().isEmpty()) {
      view.putNull("Options");
    } else {
      view.set("Options", Json.texts(volume.options()));
    }
    view.put("Scope", "local");
    return view;
  }

  /** A row of {@code docker system df -v}. */
  public static ObjectNode row(VolumeUse use, String mountpoint) {
    ObjectNode view = view(use.volume(), mountpoint);
    view.putObject("UsageData").put("RefCount", use.containers()).put("Size", use.bytes());
    return view;
  }
}
