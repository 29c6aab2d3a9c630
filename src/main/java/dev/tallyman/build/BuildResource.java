package dev.tallyman.build;

import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/images/build")
@Tag(name = "Images")
class BuildResource {
  private final BuildStreams builds;
  private final CurrentCaller caller;
  private final RoutingContext connection;
  private final TeamSecrets secrets;

  @Inject
  BuildResource(BuildStreams builds, CurrentCaller caller, RoutingContext connection, TeamSecrets secrets) {
    this.secrets = secrets;
    this.builds = builds;
    this.caller = caller;
    this.connection = connection;
  }

  @POST
  @Consumes(MediaType.WILDCARD)
  @Produces(BuildStreams.TYPE)
  @Operation(
      summary = "Builds an image; the body is the context, a tar",
      description =
          "The answer is a line of JSON for each thing that happens, as it happens: 'stream' with text, 'aux' with the image's id, 'error' with what went wrong. "
              + "Who closes the connection ends the build")
  @APIResponse(responseCode = "200", description = "the build has begun", content = @Content(mediaType = BuildStreams.TYPE))
  public Response build(
      InputStream context, @QueryParam("dockerfile") @Nullable String dockerfile, @QueryParam("reference") List<String> references,
      @QueryParam("target") @Nullable String target, @QueryParam("argument") List<String> arguments, @QueryParam("label") List<String> labels,
      @QueryParam("noCache") @DefaultValue("false") boolean isWithoutCache, @QueryParam("pull") @DefaultValue("false") boolean pulls,
      @Parameter(description = "id, or id=name of a secret of the team: for RUN --mount=type=secret") @QueryParam("secret") List<String> secret,
      @Parameter(description = "instead of a body: http or https address of an archive, of a Dockerfile, or of a repository, https://host/path.git#ref:directory") @QueryParam("remote") @DefaultValue("") String remote) {
    Caller who = caller.get();
    BuildWish wish = new BuildWish(dockerfile, references, target, arguments, labels, isWithoutCache, pulls);
    return builds.answer(who, wish.request().with(secrets.of(who, secret)).from(remote), context, connection);
  }
}
