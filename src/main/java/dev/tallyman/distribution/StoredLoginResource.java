package dev.tallyman.distribution;

import dev.tallyman.distribution.StoredLogins.StoredLogin;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/registry/logins")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Registries")
class StoredLoginResource {
  private final StoredLogins logins;
  private final CurrentCaller caller;

  @Inject
  StoredLoginResource(StoredLogins logins, CurrentCaller caller) {
    this.logins = logins;
    this.caller = caller;
  }

  @Schema(name = "RegistryCredentials")
  record Credentials(@Nullable String user, @Nullable String password) {
    /** Without the password. */
    @Override
    public String toString() {
      return "Credentials of " + user;
    }
  }

  @GET
  @Operation(summary = "Log-ins to registries that the caller has stored, without their passwords")
  public List<StoredLogin> list() {
    return logins.list(caller.get());
  }

  @PUT
  @Path("/{registry}")
  @Operation(
      summary = "Stores a log-in to a registry, once the registry has accepted it",
      description = "registry: docker.io or host[:port], as names of images begin. It is used for the caller's own pulls, pushes and builds that bring none, and for nobody else's.")
  public StoredLogin store(@PathParam("registry") String registry, @Nullable Credentials given) {
    var who = caller.get();
    Credentials wanted = Given.body(given);
    return logins.store(who, registry, Given.required(wanted.user(), "user"), Given.required(wanted.password(), "password"));
  }

  @POST
  @Path("/{registry}/check")
  @Operation(summary = "Asks the registry whether it still accepts the stored log-in")
  public StoredLogin check(@PathParam("registry") String registry) {
    return logins.check(caller.get(), registry);
  }

  @DELETE
  @Path("/{registry}")
  @Operation(summary = "Removes a stored log-in")
  public void remove(@PathParam("registry") String registry) {
    logins.remove(caller.get(), registry);
  }
}
