package dev.tallyman.build;

import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/dockerfiles")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Images")
class DockerfileResource {
  private final DockerfileChecks checks;
  private final CurrentCaller caller;

  @Inject
  DockerfileResource(DockerfileChecks checks, CurrentCaller caller) {
    this.checks = checks;
    this.caller = caller;
  }

  /** @param text the Dockerfile; @param name its path, for messages; @param ignored text of the .dockerignore */
  record Question(@Nullable String text, @Nullable String name, @Nullable String ignored, @Nullable Map<String, String> buildArguments) {}

  @POST
  @Path("/check")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Reads a Dockerfile and runs the build checks; builds nothing", description = "A Dockerfile that cannot be read is answered with 200 and a fault, too: that is what was asked")
  public DockerfileChecks.Report check(@Nullable Question given) {
    Question question = Given.body(given);
    return checks.check(
        caller.get(), question.name() == null ? "Dockerfile" : question.name(), Given.required(question.text(), "text"), question.ignored(),
        question.buildArguments() == null ? Map.of() : question.buildArguments());
  }
}
