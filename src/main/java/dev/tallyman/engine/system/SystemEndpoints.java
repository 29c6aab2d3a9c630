package dev.tallyman.engine.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.device.DeviceCatalog;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.engine.build.CacheRows;
import dev.tallyman.engine.container.ContainerRow;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.image.ImageViews;
import dev.tallyman.engine.volume.VolumeViews;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Events;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.ImageFilter;
import dev.tallyman.system.DiskUsage;
import dev.tallyman.system.DiskUsage.Kind;
import dev.tallyman.system.DiskUsage.Stored;
import dev.tallyman.system.Machine;
import dev.tallyman.volume.Volumes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Facts about the server as a whole. */
@Singleton
class SystemEndpoints implements EngineEndpoints {
  private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");
  private static final Map<String, Kind> KINDS = Map.of("container", Kind.CONTAINERS, "volume", Kind.VOLUMES);

  private final Machine machine;
  private final Containers containers;
  private final Images images;
  private final Distribution distribution;
  private final Volumes volumes;
  private final DiskUsage disk;
  private final CacheRows builds;
  private final DeviceCatalog devices;
  private final Events events;

  @Inject
  SystemEndpoints(Machine machine, Containers containers, Images images, Distribution distribution, Volumes volumes, DiskUsage disk, CacheRows builds, DeviceCatalog devices, Events events) {
    this.devices = devices;
    this.events = events;
    this.machine = machine;
    this.containers = containers;
    this.images = images;
    this.distribution = distribution;
    this.volumes = volumes;
    this.disk = disk;
    this.builds = builds;
  }

  @Override
  public void register(EndpointTable table) {
    table.open("GET", "/_ping", SystemEndpoints::ping);
    table.open("HEAD", "/_ping", SystemEndpoints::ping);
    table.get("/version", this::version);
    table.get("/info", this::info);
    table.get("/system/df", this::diskUsage);
  }

  private static Answer ping(Exchange exchange) {
    // Version 1 of the builder: clients do not try BuildKit, which needs gRPC.
    exchange.context().response().putHeader("Builder-Version", "1").putHeader("Swarm", "inactive").putHeader("Cache-Control", "no-cache, no-store, must-revalidate").putHeader("Pragma", "no-cache");
    return Answer.text("OK");
  }

  private Answer version(Exchange exchange) {
    ObjectNode view = Json.object();
    view.putObject("Platform").put("Name", "Tallyman");
    ObjectNode component = view.putArray("Components").addObject().put("Name", "Engine").put("Version", machine.serverVersion());
    component.putObject("Details").put("ApiVersion", ApiVersion.NEWEST.toString()).put("Arch", machine.goArchitecture()).put("KernelVersion", machine.kernelVersion())
        .put("MinAPIVersion", ApiVersion.OLDEST.toString()).put("Os", "linux").put("Runtime", "Java " + Runtime.version().feature()).put("Experimental", "false");
    view.put("Version", machine.serverVersion());
    view.put("ApiVersion", ApiVersion.NEWEST.toString());
    view.put("MinAPIVersion", ApiVersion.OLDEST.toString());
    view.put("GitCommit", "");
    view.put("GoVersion", "");
    view.put("Os", "linux");
    view.put("Arch", machine.goArchitecture());
    view.put("KernelVersion", machine.kernelVersion());
    view.put("BuildTime", "");
    return Answer.ok(view);
  }

  private Answer info(Exchange exchange) {
    List<Container> all = containers.list(exchange.caller(), ContainerFilter.all());
    return Answer.ok(InfoView.of(machine, distribution.configured(), devices, all, images.list(exchange.caller(), ImageFilter.withIntermediate()).size(), events.listeners(), exchange.version()));
  }

  private Answer diskUsage(Exchange exchange) {
    List<String> types = exchange.version().isBefore(42) ? List.of() : exchange.query().all("type");
    types.stream().filter(each -> !TYPES.contains(each)).findFirst().ifPresent(each -> {
      throw new TallymanException(ErrorKind.INVALID, "unknown object type: " + each);
    });
    Set<Kind> kinds = EnumSet.of(Kind.IMAGES); // LayersSize is told whatever was asked for
    KINDS.forEach((type, kind) -> {
      if (types.isEmpty() || types.contains(type)) {
        kinds.add(kind);
      }
    });
    Stored stored = disk.stored(exchange.caller(), kinds);
    ObjectNode view = Json.object();
    view.put("LayersSize", stored.layersBytes());
    ArrayNode imageRows = view.putArray("Images");
    if (types.isEmpty() || types.contains("image")) {
      stored.images().forEach(each -> imageRows.add(ImageViews.row(each.image(), exchange.version()).put("SharedSize", each.sharedBytes()).put("Containers", each.containers())));
    }
    ArrayNode containerRows = view.putArray("Containers");
    Instant now = Instant.now();
    stored.containers().forEach(each -> containerRows.add(ContainerRow.of(each.container(), now, each.size(), exchange.version())));
    ArrayNode volumeRows = view.putArray("Volumes");
    stored.volumes().forEach(each -> volumeRows.add(VolumeViews.row(each, volumes.mountpoint(each.volume()))));
    ArrayNode cache = types.isEmpty() || types.contains("build-cache") ? builds.of(exchange.caller()) : Json.array();
    view.set("BuildCache", cache);
    if (exchange.version().isBefore(42) && !cache.isEmpty()) {
      long bytes = 0;
      for (JsonNode each : cache) {
        bytes += each.path("Size").asLong();
      }
      view.put("BuilderSize", bytes);
    }
    return Answer.ok(view);
  }
}
