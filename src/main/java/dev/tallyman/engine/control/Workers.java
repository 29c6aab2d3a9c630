package dev.tallyman.engine.control;

import dev.tallyman.engine.build.OwnPlatform;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.network.Networks;
import dev.tallyman.system.Machine;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;

/** The one worker that builds here: this server. */
@Singleton
class Workers {
  private static final String GATEWAY = "org.mobyproject.buildkit.worker.moby.host-gateway-ip";

  private final Machine machine;
  /** Of its labels, that of the snapshotter tells clients that caches can be exported; without it they do not ask. */
  private static final String LABEL = "org.mobyproject.buildkit.worker.";

  private final Networks networks;

  @Inject
  Workers(Machine machine, Networks networks) {
    this.machine = machine;
    this.networks = networks;
  }

  ProtoWriter record(Caller caller) {
    Map<String, String> labels =
        new LinkedHashMap<>(Map.of(LABEL + "executor", "tallyman", LABEL + "hostname", machine.name(), LABEL + "snapshotter", "overlay"));
    String gateway = gateway(caller);
    if (!gateway.isEmpty()) {
      labels.put(GATEWAY, gateway);
    }
    ProtoWriter worker = new ProtoWriter().text(1, "tallyman");
    Messages.entries(worker, 2, labels);
    return worker.message(3, new ProtoWriter().text(1, OwnPlatform.architecture()).text(2, "linux")).message(5, version());
  }

  /** What {@code --add-host NAME:host-gateway} stands for; empty when there is none. */
  private String gateway(Caller caller) {
    try {
      return networks.inspect(caller, "bridge").gateway();
    } catch (TallymanException e) {
      return "";
    }
  }

  ProtoWriter version() {
    return new ProtoWriter().text(1, "tallyman").text(2, machine.serverVersion());
  }
}
