package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerState;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A container as inspect shows it. */
final class ContainerViews {
  private ContainerViews() {}

  static ObjectNode inspect(Container container, List<String> execIds, ApiVersion version) {
    ObjectNode view = Json.object();
    view.put("Id", container.id());
    view.put("Created", Times.text(container.createdAt()));
    view.put("Path", container.path());
    view.set("Args", Json.texts(container.args()));
    view.set("State", state(container));
    view.put("Image", container.imageId());
    for (String each : List.of("ResolvConfPath", "HostnamePath", "HostsPath", "LogPath")) {
      view.put(each, "");
    }
    view.put("Name", "/" + container.name());
    view.put("RestartCount", container.restartCount());
    view.put("Driver", "overlay");
    view.put("Platform", "linux");
    view.put("MountLabel", "");
    view.put("ProcessLabel", "");
    view.put("AppArmorProfile", "");
    if (execIds.isEmpty()) {
      view.putNull("ExecIDs");
    } else {
      view.set("ExecIDs", Json.texts(execIds));
    }
    view.set("HostConfig", HostConfigView.of(container.spec(), container.name()));
    view.putObject("GraphDriver").put("Name", "overlay").putNull("Data");
    view.set("Mounts", MountFields.mounts(container));
    view.set("Config", config(container));
    view.set("NetworkSettings", networkSettings(container));
    if (version.isBefore(45)) {
      addNamesAsAliases(container, view.withObject("/NetworkSettings/Networks"), view.at("/Config/Hostname").asText());
    }
    return view;
  }

  /** Since 1.45 what a container is called besides is told by DNSNames alone. */
  private static void addNamesAsAliases(Container container, ObjectNode networks, String hostname) {
    for (Container.Endpoint each : container.endpoints()) {
      if (each.isNamed() && networks.get(each.networkName()) instanceof ObjectNode place) {
        Set<String> aliases = new LinkedHashSet<>(each.settings().aliases());
        aliases.add(container.shortId());
        aliases.add(hostname);
        place.set("Aliases", Json.texts(List.copyOf(aliases)));
      }
    }
  }

  private static ObjectNode state(Container container) {
    ContainerState state = container.state();
    ObjectNode view = Json.object()
        .put("Status", state.word())
        .put("Running", state.isAlive() || state == ContainerState.RESTARTING)
        .put("Paused", state == ContainerState.PAUSED)
        .put("Restarting", state == ContainerState.RESTARTING)
        .put("OOMKilled", container.isOomKilled())
        .put("Dead", false)
        .put("Pid", container.pid())
        .put("ExitCode", container.exitCode())
        .put("Error", container.error())
        .put("StartedAt", Times.text(container.startedAt()))
        .put("FinishedAt", Times.text(container.finishedAt()));
    if (container.health() != null) {
      view.set("Health", HealthFields.view(container.health()));
    }
    return view;
  }

  private static ObjectNode config(Container container) {
    ContainerSpec spec = container.spec();
    ObjectNode config = Json.object();
    config.put("Hostname", spec.hostname().isEmpty() && !spec.networkMode().equals("host") && !spec.networkMode().startsWith("container:") ? container.shortId() : spec.hostname());
    config.put("Domainname", spec.domainname());
    config.put("User", container.user());
    for (String each : List.of("Stdin", "Stdout", "Stderr")) {
      config.put("Attach" + each, spec.attachStreams().contains(each.toLowerCase(java.util.Locale.ROOT)));
    }
    if (!container.exposedPorts().isEmpty() || !spec.portBindings().isEmpty()) {
      Set<String> exposed = new LinkedHashSet<>(container.exposedPorts());
      spec.portBindings().forEach(each -> exposed.add(withProtocol(each.containerPort())));
      config.set("ExposedPorts", Json.set(exposed));
    }
    config.put("Tty", spec.isTty());
    config.put("OpenStdin", spec.isStdinOpen());
    config.put("StdinOnce", spec.isStdinOnce());
    config.set("Env", Json.texts(container.env()));
    Command command = Command.of(container);
    config.set("Cmd", command.cmd);
    config.put("Image", container.image());
    putVolumes(config, container);
    config.put("WorkingDir", container.workingDir());
    config.set("Entrypoint", command.entrypoint);
    if (spec.macAddress() != null) {
      config.put("MacAddress", spec.macAddress());
    }
    putOfImages(config, spec);
    config.set("Labels", Json.texts(container.labels()));
    if (!container.stopSignal().isEmpty() && !(container.stopSignal().equals("SIGTERM") && spec.stopSignal() == null)) {
      config.put("StopSignal", container.stopSignal());
    }
    if (container.life().healthcheck() != null) {
      config.set("Healthcheck", HealthFields.view(container.life().healthcheck()));
    }
    if (spec.stopTimeoutSeconds() != null) {
      config.put("StopTimeout", spec.stopTimeoutSeconds());
    }
    return config;
  }

  /** Docker shows the image's too; what was asked for and what came of the image are both mount points here. */
  private static void putVolumes(ObjectNode config, Container container) {
    Set<String> targets = new LinkedHashSet<>(container.spec().mounts().volumes());
    container.mounts().stream().filter(each -> each.isAnonymous()).forEach(each -> targets.add(each.target()));
    if (targets.isEmpty()) {
      config.putNull("Volumes");
    } else {
      config.set("Volumes", Json.set(targets));
    }
  }

  private static void putOfImages(ObjectNode config, ContainerSpec spec) {
    if (spec.special().onBuild().isEmpty()) {
      config.putNull("OnBuild");
    } else {
      config.set("OnBuild", Json.texts(spec.special().onBuild()));
    }
    if (!spec.special().shell().isEmpty()) {
      config.set("Shell", Json.texts(spec.special().shell()));
    }
    if (spec.special().isArgsEscaped()) {
      config.put("ArgsEscaped", true);
    }
  }

  /** Entrypoint and Cmd apart again: the merged command line does not tell where one ends and the other begins. */
  private record Command(JsonNode entrypoint, JsonNode cmd) {
    static Command of(Container container) {
      ArrayNode whole = Json.array().add(container.path());
      container.args().forEach(whole::add);
      List<String> given = container.spec().entrypoint();
      List<String> entrypoint = given == null ? null : given.stream().filter(each -> !each.isEmpty()).toList();
      List<String> cmd = container.spec().cmd();
      Integer known = container.entrypointWords();
      int length = known != null ? known : entrypoint != null ? entrypoint.size() : cmd == null ? 0 : whole.size() - cmd.size();
      if (length < 0 || length > whole.size()) {
        length = 0;
      }
      ArrayNode first = Json.array();
      ArrayNode rest = Json.array();
      for (int i = 0; i < whole.size(); i++) {
        (i < length ? first : rest).add(whole.get(i));
      }
      return new Command(orNull(first), orNull(rest));
    }

    private static JsonNode orNull(ArrayNode array) {
      return array.isEmpty() ? com.fasterxml.jackson.databind.node.NullNode.getInstance() : array;
    }
  }

  static String withProtocol(String port) {
    return port.contains("/") ? port : port + "/tcp";
  }

  private static ObjectNode networkSettings(Container container) {
    // As with Docker: these fields are about the default network alone, and empty on others.
    Container.Endpoint endpoint = container.endpoint() == null || container.endpoint().isNamed() ? null : container.endpoint();
    ObjectNode settings = Json.object();
    boolean isConnected = container.state().isAlive();
    settings.put("Bridge", "");
    settings.put("SandboxID", isConnected ? container.id() : "");
    settings.put("SandboxKey", "");
    settings.set("Ports", ports(container));
    settings.put("HairpinMode", false);
    settings.put("LinkLocalIPv6Address", "");
    settings.put("LinkLocalIPv6PrefixLen", 0);
    settings.putNull("SecondaryIPAddresses");
    settings.putNull("SecondaryIPv6Addresses");
    EndpointSettings.putAddress(settings, container, endpoint);
    settings.set("Networks", networks(container));
    return settings;
  }

  static ObjectNode networks(Container container) {
    ObjectNode networks = Json.object();
    String mode = container.spec().networkMode();
    if (mode.startsWith("container:")) {
      return networks;
    }
    container.endpoints().forEach(each -> networks.set(each.networkName(), EndpointSettings.write(container, each)));
    if (mode.equals("none") || mode.equals("host")) {
      Container.Endpoint none = new Container.Endpoint("", mode, "", 0, "", "", List.of(), false, dev.tallyman.container.PlaceSpec.plain(mode), "", 0, "", false);
      networks.set(mode, EndpointSettings.write(container, none));
    }
    return networks;
  }

  /** Of ports that are exposed only, Docker tells where they could be published: not on the host's network, none, or a LAN. */
  static List<String> exposedPorts(Container container) {
    return container.endpoints().stream().anyMatch(Container.Endpoint::canPublish) ? container.exposedPorts() : List.of();
  }

  /** Published ports with their places, exposed ones with null. */
  private static ObjectNode ports(Container container) {
    ObjectNode ports = Json.object();
    if (!container.state().isAlive()) {
      return ports;
    }
    for (PublishedPort each : container.ports()) {
      String key = each.containerPort() + "/" + each.protocol();
      ArrayNode places = ports.get(key) instanceof ArrayNode known ? known : ports.putArray(key);
      places.addObject().put("HostIp", each.hostAddress()).put("HostPort", Integer.toString(each.hostPort()));
    }
    for (String each : exposedPorts(container)) {
      if (!ports.has(each)) {
        ports.putNull(each);
      }
    }
    return ports;
  }
}
