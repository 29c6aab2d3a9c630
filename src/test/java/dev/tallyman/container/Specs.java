package dev.tallyman.container;

import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Builds specifications for tests: the plainest one with some things changed. */
final class Specs {
  String name = "";
  String image = "busybox:latest";
  List<String> entrypoint;
  List<String> cmd = List.of("sleep", "60");
  List<String> env = List.of();
  String workingDir;
  String user;
  Map<String, String> labels = Map.of();
  String hostname = "";
  String stopSignal;
  Integer stopTimeout;
  List<String> exposed = List.of();
  List<PortBinding> ports = new ArrayList<>();
  boolean publishesAll;
  String network = "bridge";
  String mac;
  List<String> dns = List.of();
  List<String> dnsSearch = List.of();
  List<String> extraHosts = List.of();
  Limits limits = Limits.none();
  RestartPolicy restart = RestartPolicy.no();
  boolean isRemovedAtExit;
  boolean isTty;
  boolean isStdinOpen;
  List<String> capAdd = List.of();
  List<String> capDrop = List.of();
  List<String> security = List.of();
  List<String> groups = List.of();
  Map<String, String> sysctls = Map.of();
  Map<String, String> tmpfs = Map.of();
  List<Ulimit> ulimits = List.of();
  long shm;
  Integer oomScore;
  String logDriver = "";
  Map<String, String> logOptions = Map.of();
  SpecialOptions special = SpecialOptions.none();
  List<PlaceSpec> places = List.of();
  List<String> links = List.of();
  List<String> allowedSources = List.of();

  static Specs of(String... cmd) {
    Specs specs = new Specs();
    specs.cmd = List.of(cmd);
    return specs;
  }

  static Specs shell(String script) {
    return of("sh", "-c", script);
  }

  Specs named(String given) {
    name = given;
    return this;
  }

  Specs restarting(String policy, int retries) {
    restart = new RestartPolicy(policy, retries);
    return this;
  }

  Specs publishing(String containerPort, String hostPort) {
    ports.add(new PortBinding(containerPort, "", hostPort));
    return this;
  }

  ContainerSpec build() {
    return new ContainerSpec(
        name, image, entrypoint, cmd, env, workingDir, user, labels, hostname, "", isTty, isStdinOpen, false, List.of(), stopSignal, stopTimeout, exposed, ports, publishesAll, network,
        mac, dns, dnsSearch, List.of(), extraHosts, limits, restart, isRemovedAtExit, false, false, false, capAdd, capDrop, security, groups, sysctls, tmpfs, ulimits, shm, oomScore, false,
        logDriver, logOptions, special, new Networking(places, links, allowedSources));
  }
}
