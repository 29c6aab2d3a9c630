package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the body of POST /containers/create means in the version of the API that its client speaks: dockerd's router passes over options that a
 * version does not have, and refuses those that would mislead (moby, api/server/router/container, v28.5).
 */
final class CreateVersions {
  private final JsonFields config;
  private final JsonFields host;
  private final Map<String, JsonFields> places = new LinkedHashMap<>();
  private final ApiVersion version;
  private final List<String> warnings = new ArrayList<>();

  private CreateVersions(JsonFields config, ApiVersion version) {
    this.config = config;
    this.host = config.child("HostConfig");
    this.version = version;
    JsonFields networking = config.object("NetworkingConfig");
    JsonFields endpoints = networking.object("EndpointsConfig");
    networking.map("EndpointsConfig").keySet().forEach(network -> places.put(HostOptions.plainMode(network), endpoints.child(network)));
  }

  /**
   * Brings the body to its meaning in the newest version.
   *
   * @return warnings for the client
   * @throws TallymanException INVALID, in dockerd's words
   */
  static List<String> apply(JsonFields config, ApiVersion version) {
    if (config.isEmpty()) {
      throw invalid("config cannot be empty in order to create a container");
    }
    CreateVersions versions = new CreateVersions(config, version);
    versions.host();
    versions.host.objects("Mounts").forEach(versions::mount);
    versions.networks();
    versions.volumeDriver();
    versions.macAddress();
    return versions.warnings;
  }

  private void host() {
    if (version.isBefore(25)) {
      host.drop("AutoRemove"); // the client removed
    }
    if (version.isBefore(40)) {
      host.drop("KernelMemoryTCP");
      if (host.text("IpcMode").isEmpty()) {
        host.put("IpcMode", TextNode.valueOf("shareable"));
      }
    }
    host.drop(version.isBefore(42) ? "ConsoleSize" : "KernelMemory");
    if (version.isBefore(43)) {
      host.drop("Annotations");
    }
    if (version.isBefore(44)) {
      config.object("Healthcheck").drop("StartInterval");
    }
  }

  private void mount(JsonFields mount) {
    JsonFields bind = mount.object("BindOptions");
    String type = mount.text("Type");
    if (version.isBefore(40)) {
      bind.drop("NonRecursive");
    }
    if (version.isBefore(42)) {
      bind.drop("CreateMountpoint");
    }
    for (String each : List.of("Volume", "Bind", "Tmpfs")) {
      boolean isForeign = mount.has(each + "Options") && !each.equalsIgnoreCase(type);
      if (isForeign && version.isBefore(42) && !each.equals("Bind")) {
        mount.drop(each + "Options"); // not looked at in these versions
      } else if (isForeign && !version.isBefore(42)) {
        throw invalid(each + "Options must not be specified on mount type \"" + type + "\"");
      }
    }
    if (version.isBefore(44) && type.equals("bind") && bind.flag("ReadOnlyForceRecursive")) {
      throw invalid("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
    }
    if (version.isBefore(45) && !mount.object("VolumeOptions").text("Subpath").isEmpty()) {
      throw invalid("VolumeOptions.Subpath needs API v1.45 or newer");
    }
    if (version.isBefore(48) && type.equals("image")) {
      throw invalid("Mount type \"Image\" needs API v1.48 or newer");
    }
  }

  private void networks() {
    if (version.isBefore(44) && places.size() > 1) {
      throw invalid("Container cannot be created with multiple network endpoints: " + String.join(", ", places.keySet()));
    }
    if (version.isBefore(48)) {
      places.values().forEach(each -> each.drop("GwPriority"));
    }
  }

  private void volumeDriver() {
    boolean isPassedOver =
        host.objects("Mounts").stream().anyMatch(each -> each.text("Type").equals("volume") && each.object("VolumeOptions").object("DriverConfig").text("Name").isEmpty());
    if (!version.isBefore(48) && !host.text("VolumeDriver").isEmpty() && isPassedOver) {
      warnings.add(
          "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead");
    }
  }

  /** Until 1.43 a container had one MAC address, since 1.44 each of its places has one. */
  private void macAddress() {
    String mac = config.text("MacAddress");
    if (version.isBefore(44)) {
      if (mac.isEmpty()) {
        places.values().forEach(each -> each.drop("MacAddress"));
      }
      return;
    }
    if (mac.isEmpty()) {
      return;
    }
    String mode = HostOptions.plainMode(host.text("NetworkMode"));
    if (!mode.equals("none") && !mode.equals("host") && !mode.startsWith("container:")) {
      giveMac(mode, mac);
      config.drop("MacAddress");
    }
    warnings.add("The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.");
  }

  private void giveMac(String network, String mac) {
    if (places.isEmpty()) {
      config.child("NetworkingConfig").child("EndpointsConfig").child(network).put("MacAddress", TextNode.valueOf(mac));
      return;
    }
    JsonFields place = places.get(network);
    if (place == null) {
      throw invalid("unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks");
    }
    if (place.text("MacAddress").isEmpty()) {
      place.put("MacAddress", TextNode.valueOf(mac));
    } else if (!place.text("MacAddress").equals(mac)) {
      throw invalid("the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty");
    }
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
