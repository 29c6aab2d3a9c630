package dev.tallyman.dashboard.network;

import dev.tallyman.container.Containers;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.network.Networks;
import dev.tallyman.network.NewNetwork;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Creates and removes networks, and puts containers on them. */
@Page
@Blocking
@Path("/ui/networks")
public class NetworkActions {
  private static final String LIST = "/ui/networks";

  private final Networks networks;
  private final Containers containers;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  NetworkActions(Networks networks, Containers containers, CurrentCaller caller, Answers answers) {
    this.networks = networks;
    this.containers = containers;
    this.caller = caller;
    this.answers = answers;
  }

  @POST
  @Path("new")
  public Response create(
      @RestForm @Nullable String name, @RestForm @Nullable String subnet, @RestForm @Nullable String gateway, @RestForm @Nullable String internal, @RestForm @Nullable String isolated,
      @RestForm @Nullable String ipv6, @RestForm @Nullable String withoutIpv4) {
    try {
      Map<String, String> options = new HashMap<>();
      if (isolated != null) {
        options.put("com.docker.network.bridge.enable_icc", "false");
      }
      boolean isPlain = text(subnet).isEmpty() && text(gateway).isEmpty();
      List<NewNetwork.Pool> pools = isPlain ? List.of() : List.of(new NewNetwork.Pool(text(subnet), "", text(gateway), Map.of()));
      Networks.Created made = networks.create(caller.get(), new NewNetwork(text(name), "bridge", internal != null, false, ipv6 != null || withoutIpv4 != null, pools, options, Map.of(), Map.of(), false, "", withoutIpv4 != null));
      return answers.done(LIST + "/" + made.id(), texts().created(text(name)));
    } catch (TallymanException e) {
      return answers.failed(LIST, answers.reason(e));
    }
  }

  @POST
  @Path("{id:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/remove")
  public Response remove(@RestPath String id, @RestForm @Nullable String next) {
    try {
      String name = networks.inspect(caller.get(), id).name();
      networks.remove(caller.get(), id);
      return answers.done(LIST, texts().removed(name));
    } catch (TallymanException e) {
      return answers.failed(Links.local(next), answers.reason(e));
    }
  }

  @POST
  @Path("{id:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/connect")
  public Response connect(@RestPath String id, @RestForm @Nullable String container, @RestForm @Nullable String address, @RestForm @Nullable String aliases) {
    return answers.attempt(
        LIST + "/" + id,
        () -> {
          List<String> names = Stream.of(text(aliases).split("[\\s,]+")).filter(each -> !each.isEmpty()).toList();
          containers.connect(caller.get(), text(container), new PlaceSpec(id, text(address), "", names, List.of(), 0));
          return texts().connected(containers.inspect(caller.get(), text(container)).name());
        });
  }

  @POST
  @Path("{id:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/disconnect")
  public Response disconnect(@RestPath String id, @RestForm @Nullable String container) {
    return answers.attempt(
        LIST + "/" + id,
        () -> {
          containers.disconnect(caller.get(), text(container), id);
          return texts().disconnected(containers.inspect(caller.get(), text(container)).name());
        });
  }

  private static String text(@Nullable String typed) {
    return typed == null ? "" : typed.strip();
  }

  private NetworkTexts texts() {
    return answers.texts(NetworkTexts.class);
  }
}
