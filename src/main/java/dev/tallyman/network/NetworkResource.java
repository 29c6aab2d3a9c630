package dev.tallyman.network;

import dev.tallyman.network.Networks.Network;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

@Path("/api/v1/networks")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Networks", description = "Containers on one network reach each other, by name on networks of one's own. bridge, none and host always exist")
class NetworkResource {
  private final Networks networks;
  private final CurrentCaller caller;

  @Inject
  NetworkResource(Networks networks, CurrentCaller caller) {
    this.networks = networks;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "All networks that the caller may use, with the containers on them that the caller may see")
  public List<Network> list() {
    return networks.list(caller.get());
  }

  @GET
  @Path("/{name}")
  @Operation(summary = "One network, by name, id or unique beginning of an id")
  public Network get(@PathParam("name") String name) {
    return networks.inspect(caller.get(), name);
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Creates a network", description = "403 if the subnet overlaps with another, 409 if the team has a network of that name")
  public RestResponse<Networks.Created> create(NetworkBody body) {
    return RestResponse.status(RestResponse.Status.CREATED, networks.create(caller.get(), Given.body(body).read()));
  }

  @DELETE
  @Path("/{name}")
  @Operation(summary = "Removes a network", description = "403 while a container is on it; bridge, none and host stay")
  public void remove(@PathParam("name") String name) {
    networks.remove(caller.get(), name);
  }

  @POST
  @Path("/prune")
  @Operation(summary = "Removes the networks of the team that no container is on now; answers their names")
  public List<String> prune() {
    return networks.prune(caller.get(), network -> true);
  }

  @POST
  @Path("/down")
  @Operation(
      summary = "Takes down what the kernel holds of all networks that no container is on; answers their names",
      description = "They stay in the inventory, and come up again with the next container on them and with the next start of the server. For administrators, before a machine is given back")
  public List<String> takeDown() {
    return networks.takeDown(caller.get());
  }
}
