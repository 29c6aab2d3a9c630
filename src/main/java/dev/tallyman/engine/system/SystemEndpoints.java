package dev.tallyman.engine.system;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSizes;
import dev.tallyman.container.ContainerSizes.Size;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.engine.volume.VolumeUsage;
import dev.tallyman.engine.container.ContainerRow;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.image.ImageViews;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Images.ImageFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Facts about the server as a whole. */
@Singleton
class SystemEndpoints implements EngineEndpoints {
  private final Machine machine;
  private final Containers containers;
  private final Images images;
  private final ContainerSizes sizes;
  private final Distribution distribution;
  private final VolumeUsage volumes;

  @Inject
  SystemEndpoints(Machine machine, Containers containers, Images images, ContainerSizes sizes, Distribution distribution, VolumeUsage volumes) {
    this.machine = machine;
    this.containers = containers;
    this.images = images;
    this.sizes = sizes;
    this.distribution = distribution;
    this.volumes = volumes;
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
    return Answer.ok(InfoView.of(machine, distribution.configured(), all, images.list(exchange.caller(), ImageFilter.all()).size()));
  }

  private Answer diskUsage(Exchange exchange) {
    List<String> types = exchange.query().all("type");
    List<Image> known = images.list(exchange.caller(), ImageFilter.all());
    List<Container> all = containers.list(exchange.caller(), ContainerFilter.all());
    ObjectNode view = Json.object();
    LayerShares shared = new LayerShares(known, images.layerSizes());
    view.put("LayersSize", shared.total());
    ArrayNode imageRows = view.putArray("Images");
    if (types.isEmpty() || types.contains("image")) {
      known.forEach(each -> imageRows.add(ImageViews.row(each).put("SharedSize", shared.of(each)).put("Containers", all.stream().filter(container -> container.imageId().equals(each.id())).count())));
    }
    ArrayNode containerRows = view.putArray("Containers");
    Instant now = Instant.now();
    if (types.isEmpty() || types.contains("container")) {
      Map<String, Size> measured = sizes.of(exchange.caller(), all);
      all.forEach(each -> containerRows.add(ContainerRow.of(each, now, measured.get(each.id()))));
    }
    view.set("Volumes", types.isEmpty() || types.contains("volume") ? volumes.rows(exchange) : Json.array());
    view.putArray("BuildCache");
    return Answer.ok(view);
  }
}
