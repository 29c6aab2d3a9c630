package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the body of POST /containers/create means in the version of the API that its client speaks: dockerd's router passes over options that a
 * version does not have, and refuses those that would mislead (moby, api/server/router/container, v28.5).
 */
final class CreateVersions {
  private static final Pattern LINK_SYSCTL = Pattern.compile("net\\.([^.]*)\\.([^.]*)\\.(eth[^.]*)\\.(.*)");

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
    versions.linkSysctls();
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
    if (hasOwnNetworks()) {
      giveMac(mac);
      config.drop("MacAddress");
    }
    warnings.add("The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.");
  }

  private boolean hasOwnNetworks() {
    String mode = HostOptions.plainMode(host.text("NetworkMode"));
    return !mode.equals("none") && !mode.equals("host") && !mode.startsWith("container:");
  }

  /** The place on the network of the network mode, made if no place is named. */
  private JsonFields mainPlace(String purpose) {
    String network = HostOptions.plainMode(host.text("NetworkMode"));
    if (places.isEmpty()) {
      places.put(network, config.child("NetworkingConfig").child("EndpointsConfig").child(network));
    }
    JsonFields place = version.isBefore(44) ? places.values().iterator().next() : places.get(network);
    if (place == null) {
      throw invalid(purpose + ": HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks");
    }
    return place;
  }

  /** Until 1.47 a setting of eth0 is one of the main network's link, since 1.48 each place has its own. */
  private void linkSysctls() {
    Map<String, String> all = host.textMap("Sysctls");
    Map<String, String> migrated = new TreeMap<>();
    for (Map.Entry<String, String> each : all.entrySet()) {
      Matcher name = LINK_SYSCTL.matcher(each.getKey());
      if (!hasOwnNetworks() || !name.matches()) {
        continue;
      }
      if (!version.isBefore(48)) {
        throw invalid("interface specific sysctl setting \"" + each.getKey() + "\" must be supplied using driver option '" + PlaceSpec.LINK_SYSCTLS + "'");
      }
      if (!name.group(3).equals("eth0")) {
        throw invalid("unable to determine network endpoint for sysctl " + each.getKey() + ", use driver option '" + PlaceSpec.LINK_SYSCTLS + "' to set per-interface sysctls");
      }
      migrated.put(each.getKey(), "net." + name.group(1) + "." + name.group(2) + ".IFNAME." + name.group(4) + "=" + each.getValue());
    }
    if (!migrated.isEmpty()) {
      giveSysctls(all, migrated);
    }
  }

  private void giveSysctls(Map<String, String> all, Map<String, String> migrated) {
    JsonFields place = mainPlace("unable to find a network for sysctl " + migrated.keySet().iterator().next());
    Map<String, String> options = place.textMap("DriverOpts");
    String moved = String.join(",", migrated.values());
    warnings.add("Migrated sysctl \"" + String.join(",", migrated.keySet()) + "\" to DriverOpts{\"" + PlaceSpec.LINK_SYSCTLS + "\":\"" + moved + "\"}.");
    options.merge(PlaceSpec.LINK_SYSCTLS, moved, (own, added) -> added + "," + own); // those of the place itself come later, and win
    place.put("DriverOpts", Json.texts(options));
    all.keySet().removeAll(migrated.keySet());
    host.put("Sysctls", Json.texts(all));
  }

  private void giveMac(String mac) {
    JsonFields place = mainPlace("unable to migrate container-wide MAC address to a specific network");
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
