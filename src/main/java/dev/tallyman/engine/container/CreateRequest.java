package dev.tallyman.engine.container;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.LifeOptions;
import dev.tallyman.container.MountOptions;
import dev.tallyman.container.Networking;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the body of POST /containers/create: a container's Config with HostConfig and NetworkingConfig in it. */
final class CreateRequest {
  private CreateRequest() {}

  /** @throws TallymanException INVALID for a wrong type, and for every option that is not here and asks for something */
  static ContainerSpec read(String name, JsonFields config) {
    HostOptions host = HostOptions.read(config.object("HostConfig"));
    String networkMode = config.flag("NetworkDisabled") ? "none" : host.networkMode();
    Networking networking = new Networking(places(config.object("NetworkingConfig")), host.links(), List.of());
    String mac = config.textOrNull("MacAddress");
    MountOptions mounts = MountFields.ofConfig(config, host.mounts());
    LifeOptions life = LifeOptions.of(HealthFields.read(config));
    ContainerSpec spec =
        new ContainerSpec(
            name, config.text("Image"), emptyAsNull(config.textOrTexts("Entrypoint")), emptyAsNull(config.textOrTexts("Cmd")), config.texts("Env"), config.textOrNull("WorkingDir"),
            config.textOrNull("User"), config.textMap("Labels"), config.text("Hostname"), config.text("Domainname"), config.flag("Tty"), config.flag("OpenStdin"),
            config.flag("StdinOnce"), attached(config), emptyTextAsNull(config.textOrNull("StopSignal")), stopTimeout(config), config.set("ExposedPorts"), host.portBindings(),
            host.publishesAllPorts(), networkMode, emptyTextAsNull(mac), host.dns(), host.dnsSearch(), host.dnsOptions(),
            host.extraHosts(), host.limits(), host.restart(), host.isRemovedAtExit(), host.hasInit(), host.isReadOnly(), host.isPrivileged(), host.capAdd(), host.capDrop(),
            host.securityOptions(), host.groupAdd(), host.sysctls(), host.tmpfs(), host.ulimits(), host.shmSizeBytes(), host.oomScoreAdjust(), host.isOomKillDisabled(),
            host.logDriver(), host.logOptions(), SpecialFields.ofConfig(config, host.special()), networking);
    return spec.with(life).with(mounts);
  }

  private static List<String> attached(JsonFields config) {
    List<String> streams = new ArrayList<>(3);
    for (String each : List.of("Stdin", "Stdout", "Stderr")) {
      if (config.flag("Attach" + each)) {
        streams.add(each.toLowerCase(java.util.Locale.ROOT));
      }
    }
    return streams;
  }

  private static @Nullable Integer stopTimeout(JsonFields config) {
    return config.has("StopTimeout") ? Integer.valueOf(config.smallNumber("StopTimeout")) : null;
  }

  private static List<PlaceSpec> places(JsonFields networking) {
    List<PlaceSpec> places = new ArrayList<>();
    networking
        .map("EndpointsConfig")
        .forEach((network, settings) -> places.add(EndpointSettings.read(HostOptions.plainMode(network), JsonFields.of(settings, networking.name("EndpointsConfig") + "." + network))));
    return places;
  }

  private static @Nullable List<String> emptyAsNull(@Nullable List<String> command) {
    return command == null || command.isEmpty() ? null : command;
  }

  private static @Nullable String emptyTextAsNull(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
