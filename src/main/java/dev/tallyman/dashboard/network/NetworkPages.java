package dev.tallyman.dashboard.network;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.network.Networks;
import dev.tallyman.network.Networks.Network;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;

/** The list of networks and the page of one. */
@Page
@Blocking
@Path("/ui/networks")
public class NetworkPages {
  private final Networks networks;
  private final Containers containers;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  NetworkPages(Networks networks, Containers containers, CurrentCaller caller, Answers answers) {
    this.networks = networks;
    this.containers = containers;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return answers.page(Templates.list(networks.list(caller.get())));
  }

  @GET
  @Path("{id:[a-zA-Z0-9][a-zA-Z0-9_.-]*}")
  public TemplateInstance detail(@RestPath String id) {
    Network network = networks.inspect(caller.get(), id);
    return answers.page(Templates.detail(network, candidates(network)));
  }

  /** Containers that could be put on the network; its members have it already. */
  private List<Container> candidates(Network network) {
    if (!network.hasAddresses()) {
      return List.of();
    }
    return containers.list(caller.get(), Containers.ContainerFilter.all()).stream()
        .filter(each -> !List.of("none", "host").contains(each.spec().networkMode()) && !each.spec().networkMode().startsWith("container:"))
        .filter(each -> each.endpoints().stream().noneMatch(place -> place.networkId().equals(network.id())))
        .toList();
  }

  @CheckedTemplate(basePath = "network")
  static class Templates {
    static native TemplateInstance list(List<Network> networks);

    static native TemplateInstance detail(Network network, List<Container> candidates);
  }
}
