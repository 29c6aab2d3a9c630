package dev.tallyman.container;

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

/** The networks of one container, and its links. */
@Path("/api/v1/containers/{id}")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Containers")
class MembershipResource {
  private final Containers containers;
  private final CurrentCaller caller;

  @Inject
  MembershipResource(Containers containers, CurrentCaller caller) {
    this.containers = containers;
    this.caller = caller;
  }

  @GET
  @Path("/networks")
  @Operation(summary = "The networks that a container is on, or will be when it runs")
  public List<Container.Endpoint> list(@PathParam("id") String id) {
    return containers.inspect(caller.get(), id).endpoints();
  }

  @POST
  @Path("/networks")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Puts a container on a further network", description = "Whether it runs or not. 403 if it is on it already, or its address is taken")
  public List<Container.Endpoint> connect(@PathParam("id") String id, NewPlace place) {
    containers.connect(caller.get(), id, Given.body(place).read());
    return list(id);
  }

  @DELETE
  @Path("/networks/{network}")
  @Operation(summary = "Takes a container off a network", description = "Whether it runs or not. 409 if it is not on it")
  public void disconnect(@PathParam("id") String id, @PathParam("network") String network) {
    containers.disconnect(caller.get(), id, network);
  }

  @DELETE
  @Path("/links/{alias}")
  @Operation(summary = "Takes a link on the default network away", description = "Whether the container runs or not. 404 if it has no such link")
  public void unlink(@PathParam("id") String id, @PathParam("alias") String alias) {
    containers.unlink(caller.get(), id, alias);
  }
}
