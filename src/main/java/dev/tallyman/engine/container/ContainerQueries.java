package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSizes;
import dev.tallyman.container.ContainerSizes.Size;
import dev.tallyman.container.Containers;
import dev.tallyman.container.LegacyLinks;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.Containers.ProcessTable;
import dev.tallyman.container.Containers.Pruned;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.exec.Execs;
import dev.tallyman.image.Images;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What shows containers, and prune, which selects them alike. */
@Singleton
class ContainerQueries implements EngineEndpoints {
  private static final String[] FILTERS = {
    "ancestor", "before", "expose", "exited", "health", "id", "isolation", "is-task", "label", "name", "network", "publish", "since", "status", "volume"
  };

  private final Containers containers;
  private final Execs execs;
  private final ContainerSizes sizes;
  private final Images images;
  private final LegacyLinks links;

  @Inject
  ContainerQueries(Containers containers, Execs execs, ContainerSizes sizes, Images images, LegacyLinks links) {
    this.links = links;
    this.images = images;
    this.containers = containers;
    this.execs = execs;
    this.sizes = sizes;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/containers/json", this::list);
    table.get("/containers/{id}/json", this::inspect);
    table.get("/containers/{id}/top", this::top);
    table.post("/containers/prune", this::prune);
  }

  private Answer list(Exchange exchange) {
    Query query = exchange.query();
    Filters filters = query.filters(FILTERS);
    int limit = Math.max(query.number("limit", 0), 0);
    boolean includesStopped = query.flag("all") || limit > 0 || !filters.all("status").isEmpty() || !filters.all("exited").isEmpty();
    ArrayNode rows = Json.array();
    Instant now = Instant.now();
    List<Container> found = containers.list(exchange.caller(), new ContainerFilter(includesStopped, false, limit, filters.values()));
    Map<String, Size> measured = query.flag("size") ? sizes.of(exchange.caller(), found) : Map.of();
    Map<String, String> ids = new HashMap<>();
    Map<String, List<String>> linked = links.names(exchange.caller());
    for (Container each : found) {
      // Of a container whose image has lost its name to another the list shows the id.
      boolean isNamed = each.team() != exchange.caller().team() || ids.computeIfAbsent(each.image(), name -> images.idOf(exchange.caller(), name).orElse("")).equals(each.imageId());
      ObjectNode row = ContainerRow.of(each, now, measured.get(each.id()), exchange.version());
      ContainerRow.addNames(row, linked.getOrDefault(each.id(), List.of()));
      rows.add(isNamed ? row : row.put("Image", each.imageId()));
    }
    return Answer.ok(rows);
  }

  private Answer inspect(Exchange exchange) {
    Container container = containers.inspect(exchange.caller(), exchange.name());
    ObjectNode view = ContainerViews.inspect(container, execs.idsOf(container.id()), exchange.version());
    Size size = exchange.query().flag("size") ? sizes.of(exchange.caller(), List.of(container)).get(container.id()) : null;
    if (size != null) {
      view.put("SizeRw", size.writableBytes()).put("SizeRootFs", size.wholeBytes());
    }
    return Answer.ok(view);
  }

  private Answer top(Exchange exchange) {
    String args = exchange.query().text("ps_args");
    ProcessTable table = containers.top(exchange.caller(), exchange.name(), args.isEmpty() ? "-ef" : args);
    ObjectNode view = Json.object();
    ArrayNode processes = view.putArray("Processes");
    table.processes().forEach(each -> processes.add(Json.texts(each)));
    view.set("Titles", Json.texts(table.titles()));
    return Answer.ok(view);
  }

  private Answer prune(Exchange exchange) {
    Filters filters = exchange.query().filters("until", "label", "label!");
    Pruned pruned = containers.prune(exchange.caller(), new ContainerFilter(true, false, 0, filters.values()));
    ObjectNode view = Json.object();
    if (pruned.ids().isEmpty()) {
      view.putNull("ContainersDeleted");
    } else {
      view.set("ContainersDeleted", Json.texts(pruned.ids()));
    }
    return Answer.ok(view.put("SpaceReclaimed", pruned.reclaimedBytes()));
  }
}
