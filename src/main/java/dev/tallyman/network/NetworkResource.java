package dev.tallyman.network;

import dev.tallyman.network.Networks.Network;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

@Path("/api/v1/networks")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Networks", description = "bridge, none and host always exist")
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
}
