package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.engine.http.Times;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Images.ImageFilter;
import dev.tallyman.image.Images.Removal;
import dev.tallyman.image.Platform;
import dev.tallyman.system.DiskUsage;
import dev.tallyman.system.DiskUsage.ImageUse;
import dev.tallyman.system.DiskUsage.Kind;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What shows, tags and removes images. */
@Singleton
class ImageEndpoints implements EngineEndpoints {
  private final Images images;
  private final Containers containers;
  private final DiskUsage disk;

  @Inject
  ImageEndpoints(Images images, Containers containers, DiskUsage disk) {
    this.images = images;
    this.containers = containers;
    this.disk = disk;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/images/json", this::list);
    table.get("/images/{name}/json", this::inspect);
    table.get("/images/{name}/history", this::history);
    table.post("/images/{name}/tag", this::tag);
    table.delete("/images/{name}", this::remove);
    table.post("/images/prune", this::prune);
  }

  private Answer list(Exchange exchange) {
    Query query = exchange.query();
    Filters filters = query.filters("before", "dangling", "label", "reference", "since", "until");
    Instant before = createdAt(exchange, filters.first("before"));
    Instant until = filters.first("until") == null ? null : Times.parse(String.valueOf(filters.first("until")), "until");
    Instant earliest = before == null || (until != null && until.isBefore(before)) ? until : before;
    List<String> references = new ArrayList<>(filters.all("reference"));
    if (exchange.version().isBefore(41) && !query.text("filter").isEmpty()) {
      references.add(query.text("filter"));
    }
    ImageFilter filter = new ImageFilter(references, filters.all("label"), filters.flag("dangling"), earliest, createdAt(exchange, filters.first("since")), query.flag("all"));
    ArrayNode rows = Json.array();
    Map<String, Long> users = users(exchange);
    Map<String, Long> shared = shared(exchange);
    for (Image each : images.list(exchange.caller(), filter)) {
      rows.add(ImageViews.row(each, exchange.version()).put("SharedSize", shared.getOrDefault(each.id(), -1L)).put("Containers", users.getOrDefault(each.id(), exchange.version().isBefore(51) ? -1L : 0L)));
    }
    return Answer.ok(rows);
  }

  /** How many containers each image has; not told before 1.51. */
  private Map<String, Long> users(Exchange exchange) {
    return exchange.version().isBefore(51)
        ? Map.of()
        : containers.list(exchange.caller(), ContainerFilter.all()).stream().collect(Collectors.groupingBy(Container::imageId, Collectors.counting()));
  }

  /** Bytes that each image shares with others; measured for those who ask. */
  private Map<String, Long> shared(Exchange exchange) {
    boolean isAsked = exchange.query().flag("shared-size") && !exchange.version().isBefore(42);
    return isAsked
        ? disk.stored(exchange.caller(), Set.of(Kind.IMAGES)).images().stream().collect(Collectors.toMap(each -> each.image().id(), ImageUse::sharedBytes, (one, other) -> one))
        : Map.of();
  }

  private @Nullable Instant createdAt(Exchange exchange, @Nullable String name) {
    return name == null ? null : images.inspect(exchange.caller(), name).createdAt();
  }

  private Answer inspect(Exchange exchange) {
    Platform platform = PlatformParameter.read(exchange, "platform", 49);
    if (platform != null && exchange.query().flag("manifests")) {
      throw new TallymanException(ErrorKind.INVALID, "conflicting options: manifests and platform options cannot both be set");
    }
    return Answer.ok(ImageViews.inspect(find(exchange, platform), exchange.version()));
  }

  private Image find(Exchange exchange, @Nullable Platform platform) {
    Image image = images.inspect(exchange.caller(), exchange.name());
    if (platform != null) {
      platform.require(exchange.name(), image);
    }
    return image;
  }

  private Answer history(Exchange exchange) {
    ArrayNode rows = Json.array();
    find(exchange, PlatformParameter.read(exchange, "platform", 48));
    for (Images.HistoryEntry each : images.history(exchange.caller(), exchange.name())) {
      ObjectNode row = rows.addObject();
      row.put("Id", each.id());
      row.put("Created", each.createdAt().getEpochSecond());
      row.put("CreatedBy", each.createdBy());
      if (each.tags().isEmpty()) {
        row.putNull("Tags");
      } else {
        row.set("Tags", Json.texts(each.tags()));
      }
      row.put("Size", each.sizeBytes());
      row.put("Comment", each.comment());
    }
    return Answer.ok(rows);
  }

  private Answer tag(Exchange exchange) {
    String repository = exchange.query().text("repo");
    if (repository.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "refusing to create an image without a name: the parameter repo is missing");
    }
    String tag = exchange.query().text("tag");
    images.tag(exchange.caller(), exchange.name(), repository, tag.isEmpty() ? "latest" : tag);
    return Answer.empty(201);
  }

  private Answer remove(Exchange exchange) {
    Query query = exchange.query();
    if (exchange.name().isBlank()) {
      throw new TallymanException(ErrorKind.INVALID, "image name cannot be blank");
    }
    Platform platform = PlatformParameter.read(exchange, "platforms", 50);
    if (platform != null) {
      find(exchange, platform);
    }
    return Answer.ok(removals(images.remove(exchange.caller(), exchange.name(), query.flag("force"), !query.flag("noprune"))));
  }

  static ArrayNode removals(List<Removal> removals) {
    ArrayNode rows = Json.array();
    for (Removal each : removals) {
      if (each.untagged() != null) {
        rows.addObject().put("Untagged", each.untagged());
      }
      if (each.deleted() != null) {
        rows.addObject().put("Deleted", each.deleted());
      }
    }
    return rows;
  }

  private Answer prune(Exchange exchange) {
    Filters filters = exchange.query().filters("dangling", "label", "label!", "until");
    if (!filters.all("label!").isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "the filter label! is not supported by this server when images are pruned");
    }
    boolean onlyDangling = !Boolean.FALSE.equals(filters.flag("dangling"));
    String until = filters.first("until");
    Images.Pruned pruned = images.prune(exchange.caller(), onlyDangling, filters.all("label"), until == null ? null : Times.parse(until, "until"));
    ObjectNode view = Json.object();
    if (pruned.removals().isEmpty()) {
      view.putNull("ImagesDeleted");
    } else {
      view.set("ImagesDeleted", removals(pruned.removals()));
    }
    return Answer.ok(view.put("SpaceReclaimed", pruned.reclaimedBytes()));
  }
}
