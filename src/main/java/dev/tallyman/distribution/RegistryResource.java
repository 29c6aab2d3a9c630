package dev.tallyman.distribution;

import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/registry")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Registries", description = "Images from and to registries elsewhere. Credentials in a request are used for it and kept nowhere; without some, those that the account has stored are used.")
class RegistryResource {
  private final Distribution distribution;
  private final CurrentCaller caller;

  @Inject
  RegistryResource(Distribution distribution, CurrentCaller caller) {
    this.distribution = distribution;
    this.caller = caller;
  }

  /** @param platform os/architecture[/variant]; absent = this machine's */
  record Wanted(@Nullable String name, @Nullable String platform, @Nullable String user, @Nullable String password) {
    Login login() {
      return user == null || user.isEmpty() ? Login.nobody() : new Login(user, password == null ? "" : password, "");
    }
  }

  @POST
  @Path("/pull")
  @Operation(summary = "Brings an image in from a registry", description = "Answers when it is there. The name is read as docker pull reads it.")
  @APIResponse(responseCode = "201", description = "pulled", content = @Content(schema = @Schema(implementation = Images.Image.class)))
  public RestResponse<Images.Image> pull(@Nullable Wanted given) {
    Wanted wanted = Given.body(given);
    Platform platform = Platform.of(wanted.platform() == null ? "" : wanted.platform());
    return RestResponse.status(
        RestResponse.Status.CREATED, distribution.pull(caller.get(), Given.required(wanted.name(), "name"), platform, wanted.login(), TransferProgress.silent()));
  }

  @POST
  @Path("/push")
  @Operation(summary = "Sends an image to the registry that its name begins with")
  public Distribution.Pushed push(@Nullable Wanted given) {
    Wanted wanted = Given.body(given);
    return distribution.push(caller.get(), Given.required(wanted.name(), "name"), wanted.login(), TransferProgress.silent());
  }

  @POST
  @Path("/describe")
  @Operation(summary = "What a registry has under a name, without bringing it in")
  public Distribution.Description describe(@Nullable Wanted given) {
    Wanted wanted = Given.body(given);
    return distribution.describe(caller.get(), Given.required(wanted.name(), "name"), wanted.login());
  }

  @GET
  @Operation(summary = "Mirrors and insecure registries that the administrator has set")
  public Distribution.Configured configured() {
    caller.get();
    return distribution.configured();
  }
}
