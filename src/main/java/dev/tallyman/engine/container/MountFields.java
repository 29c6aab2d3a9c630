package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.MountOptions;
import dev.tallyman.container.MountOptions.Wish;
import dev.tallyman.container.MountPoint;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;

/** Volumes, binds, tmpfs and images among Docker's fields. */
final class MountFields {
  private MountFields() {}

  /** @param host HostConfig; the targets of {@code Config.Volumes} are added by {@link #ofConfig} */
  static MountOptions read(JsonFields host) {
    List<Wish> wishes = new ArrayList<>();
    for (JsonFields each : host.objects("Mounts")) {
      wishes.add(wish(each));
    }
    return new MountOptions(host.texts("Binds"), wishes, List.of(), host.texts("VolumesFrom"), host.text("VolumeDriver"));
  }

  static MountOptions ofConfig(JsonFields config, MountOptions host) {
    return new MountOptions(host.binds(), host.mounts(), config.set("Volumes"), host.volumesFrom(), host.volumeDriver(), host.secrets());
  }

  private static Wish wish(JsonFields mount) {
    String type = mount.text("Type");
    JsonFields bind = mount.object("BindOptions");
    JsonFields volume = mount.object("VolumeOptions");
    JsonFields tmpfs = mount.object("TmpfsOptions");
    JsonFields image = mount.object("ImageOptions");
    JsonFields driver = volume.object("DriverConfig");
    requireOwn(mount, type);
    bind.allowOnly("ReadOnlyNonRecursive", "a read-only mount is so with all below it");
    bind.ignore("ReadOnlyForceRecursive");
    Wish wish =
        new Wish(
            type, mount.text("Source"), mount.text("Target"), mount.flag("ReadOnly"), bind.text("Propagation"), bind.flag("NonRecursive"), bind.flag("CreateMountpoint"),
            volume.flag("NoCopy"), volume.textMap("Labels"), driver.text("Name"), driver.textMap("Options"), (type.equals("image") ? image : volume).text("Subpath"), tmpfs.number("SizeBytes"), tmpfs.smallNumber("Mode"),
            tmpfsOptions(tmpfs));
    mount.ignore("Consistency"); // of Docker Desktop
    return wish;
  }

  private static void requireOwn(JsonFields mount, String type) {
    for (String each : List.of("bind", "volume", "tmpfs", "image")) {
      String field = Character.toUpperCase(each.charAt(0)) + each.substring(1) + "Options";
      if (!each.equals(type) && mount.has(field)) {
        throw new TallymanException(ErrorKind.INVALID, "invalid mount config for type \"" + type + "\": field " + field + " must not be specified");
      }
    }
  }

  /** Lists of one or two texts: {@code ["noexec"], ["uid","1000"]}. */
  private static List<String> tmpfsOptions(JsonFields tmpfs) {
    var options = tmpfs.any("Options");
    List<String> all = new ArrayList<>();
    if (options != null) {
      for (var each : options) {
        if (!each.isArray() || each.isEmpty() || each.size() > 2) {
          throw new TallymanException(ErrorKind.INVALID, "invalid JSON: " + tmpfs.name("Options") + " must be an array of arrays of one or two strings");
        }
        all.add(each.size() == 1 ? each.get(0).asText() : each.get(0).asText() + "=" + each.get(1).asText());
      }
    }
    return all;
  }

  /** What HostConfig shows of them. */
  static void write(ObjectNode host, MountOptions options) {
    putListOrNull(host, "Binds", options.binds());
    putListOrNull(host, "VolumesFrom", options.volumesFrom());
    host.put("VolumeDriver", options.volumeDriver());
    if (!options.mounts().isEmpty()) {
      ArrayNode mounts = host.putArray("Mounts");
      options.mounts().forEach(each -> mounts.add(written(each)));
    }
  }

  private static void putListOrNull(ObjectNode host, String name, List<String> values) {
    if (values.isEmpty()) {
      host.putNull(name);
    } else {
      host.set(name, Json.texts(values));
    }
  }

  private static ObjectNode written(Wish wish) {
    ObjectNode mount = Json.object();
    mount.put("Type", wish.type());
    putIfAny(mount, "Source", wish.source());
    mount.put("Target", wish.target());
    if (wish.isReadOnly()) {
      mount.put("ReadOnly", true);
    }
    if (!wish.propagation().isEmpty() || wish.isNonRecursive() || wish.isMade()) {
      ObjectNode bind = mount.putObject("BindOptions");
      putIfAny(bind, "Propagation", wish.propagation());
      putIfSet(bind, "NonRecursive", wish.isNonRecursive());
      putIfSet(bind, "CreateMountpoint", wish.isMade());
    }
    if (wish.type().equals("image") && !wish.subpath().isEmpty()) {
      mount.putObject("ImageOptions").put("Subpath", wish.subpath());
    } else if (wish.isNotCopied() || !wish.labels().isEmpty() || !wish.driver().isEmpty() || !wish.driverOptions().isEmpty() || !wish.subpath().isEmpty()) {
      ObjectNode volume = mount.putObject("VolumeOptions");
      putIfSet(volume, "NoCopy", wish.isNotCopied());
      if (!wish.labels().isEmpty()) {
        volume.set("Labels", Json.texts(wish.labels()));
      }
      if (!wish.driver().isEmpty() || !wish.driverOptions().isEmpty()) {
        volume.putObject("DriverConfig").put("Name", wish.driver()).set("Options", Json.texts(wish.driverOptions()));
      }
      putIfAny(volume, "Subpath", wish.subpath());
    }
    if (wish.tmpfsBytes() > 0 || wish.tmpfsMode() > 0 || !wish.tmpfsOptions().isEmpty()) {
      ObjectNode tmpfs = mount.putObject("TmpfsOptions");
      if (wish.tmpfsBytes() > 0) {
        tmpfs.put("SizeBytes", wish.tmpfsBytes());
      }
      if (wish.tmpfsMode() > 0) {
        tmpfs.put("Mode", wish.tmpfsMode());
      }
      if (!wish.tmpfsOptions().isEmpty()) {
        ArrayNode options = tmpfs.putArray("Options");
        wish.tmpfsOptions().forEach(each -> options.add(Json.texts(List.of(each.split("=", 2)))));
      }
    }
    return mount;
  }

  private static void putIfAny(ObjectNode node, String name, String value) {
    if (!value.isEmpty()) {
      node.put(name, value);
    }
  }

  private static void putIfSet(ObjectNode node, String name, boolean value) {
    if (value) {
      node.put(name, true);
    }
  }

  /** The list {@code Mounts} of inspect and ps. */
  static ArrayNode mounts(Container container) {
    ArrayNode all = Json.array();
    for (MountPoint each : container.mounts()) {
      ObjectNode mount = all.addObject().put("Type", each.dockerType());
      boolean isVolume = each.type().equals("volume");
      if (isVolume || each.image() != null) {
        mount.put("Name", each.name());
      }
      mount.put("Source", each.source()).put("Destination", each.target());
      if (isVolume) {
        mount.put("Driver", each.driver());
      }
      mount.put("Mode", each.mode()).put("RW", each.isWritable()).put("Propagation", each.propagation());
    }
    return all;
  }
}
