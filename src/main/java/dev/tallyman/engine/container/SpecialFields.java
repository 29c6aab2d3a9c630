package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.SpecialOptions;
import dev.tallyman.container.SpecialOptions.Device;
import dev.tallyman.engine.http.ConsoleSize;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import java.util.ArrayList;
import java.util.List;

/** The rarer options among Docker's fields. */
final class SpecialFields {
  private SpecialFields() {}

  static SpecialOptions read(JsonFields host) {
    List<Device> devices = new ArrayList<>();
    for (JsonFields each : host.objects("Devices")) {
      devices.add(new Device(each.text("PathOnHost"), each.text("PathInContainer"), each.text("CgroupPermissions")));
    }
    ConsoleSize size = ConsoleSize.read(host);
    return new SpecialOptions(
        mode(host, "PidMode"), mode(host, "IpcMode"), mode(host, "UTSMode"), mode(host, "CgroupnsMode"), devices, host.texts("DeviceCgroupRules"), SystemPaths.masked(host),
        SystemPaths.readOnly(host), host.textMap("Annotations"), List.of(), List.of(), false,
        new SpecialOptions.Terminal(size.rows(), size.columns()), host.text("ContainerIDFile"), DeviceFields.read(host), host.textMap("StorageOpt"));
  }

  /** Private is what every namespace is that nobody asks about. */
  private static String mode(JsonFields host, String field) {
    String mode = host.text(field);
    return mode.equals("private") ? "" : mode;
  }

  /** What belongs to images is kept with the container and shown again. */
  static SpecialOptions ofConfig(JsonFields config, SpecialOptions host) {
    return new SpecialOptions(
        host.pidMode(), host.ipcMode(), host.utsMode(), host.cgroupMode(), host.devices(), host.deviceRules(), host.maskedPaths(), host.readOnlyPaths(), host.annotations(),
        config.texts("Shell"), config.texts("OnBuild"), config.flag("ArgsEscaped"), host.terminal(), host.idFile(), host.deviceRequests(), host.storage());
  }

  static void write(ObjectNode host, SpecialOptions special) {
    host.put("CgroupnsMode", special.cgroupMode().isEmpty() ? "private" : special.cgroupMode());
    host.put("IpcMode", special.ipcMode().isEmpty() ? "private" : special.ipcMode());
    host.put("PidMode", special.pidMode());
    host.put("ContainerIDFile", special.idFile());
    host.putArray("ConsoleSize").add(special.terminal().rows()).add(special.terminal().columns());
    host.put("UTSMode", special.utsMode());
    ArrayNode devices = host.putArray("Devices");
    special.devices().forEach(each -> devices.addObject().put("PathOnHost", each.onHost()).put("PathInContainer", each.inContainer()).put("CgroupPermissions", each.access()));
    DeviceFields.write(host, special.deviceRequests());
    if (special.deviceRules().isEmpty()) {
      host.putNull("DeviceCgroupRules");
    } else {
      host.set("DeviceCgroupRules", Json.texts(special.deviceRules()));
    }
    if (!special.storage().isEmpty()) {
      host.set("StorageOpt", Json.texts(special.storage()));
    }
    if (!special.annotations().isEmpty()) {
      host.set("Annotations", Json.texts(special.annotations()));
    }
  }
}
