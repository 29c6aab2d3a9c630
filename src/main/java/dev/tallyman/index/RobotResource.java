package dev.tallyman.index;

import dev.tallyman.index.Robots.Changes;
import dev.tallyman.index.Robots.NewSecret;
import dev.tallyman.index.Robots.Right;
import dev.tallyman.index.Robots.Robot;
import dev.tallyman.index.Robots.Wanted;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/robots")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Robots", description = "What programs log in to the Index as; good for nothing else")
class RobotResource {
  private final Robots robots;
  private final CurrentCaller caller;

  @Inject
  RobotResource(Robots robots, CurrentCaller caller) {
    this.robots = robots;
    this.caller = caller;
  }

  /** @param team absent = the caller's; @param days until the secret ends, 0 = never */
  record Order(@Nullable String team, @Nullable String name, @Nullable String description, @Nullable Integer days, @Nullable List<Right> rights) {}

  record Change(@Nullable String description, @Nullable List<Right> rights, @Nullable Boolean isDisabled) {}

  record Life(@Nullable Integer days) {}

  @GET
  @Operation(summary = "Robots of the caller's team, for administrators of all", description = "Without their secrets")
  public List<Robot> list() {
    return robots.list(caller.get());
  }

  @POST
  @Operation(
      summary = "Makes a robot; its secret is shown this once",
      description = "Administrators only. rights: 1 to 20 repositories of the team, or * for all, each with pull, and with it push and delete. It logs in as TEAM+NAME. days: 0 = the secret has no end, if the server's settings allow it")
  @APIResponse(responseCode = "201", description = "made", content = @Content(schema = @Schema(implementation = NewSecret.class)))
  public RestResponse<NewSecret> create(@Nullable Order given) {
    var who = caller.get();
    Order wanted = Given.body(given);
    String team = wanted.team() == null ? who.teamName() : wanted.team();
    String name = Given.required(wanted.name(), "name");
    NewSecret made =
        robots.create(
            who,
            new Wanted(team, name, wanted.description() == null ? "" : wanted.description(), Given.required(wanted.days(), "days"), Given.required(wanted.rights(), "rights")));
    return RestResponse.ResponseBuilder.<NewSecret>created(URI.create("/api/v1/robots/" + team + "/" + name)).entity(made).build();
  }

  @GET
  @Path("/{team}/{name}")
  @Operation(summary = "One robot")
  public Robot one(@PathParam("team") String team, @PathParam("name") String name) {
    return robots.one(caller.get(), team, name);
  }

  @PATCH
  @Path("/{team}/{name}")
  @Operation(summary = "Describes a robot, sets its rights, disables or enables it", description = "Administrators only; what is absent stays. Holds at once")
  public Robot change(@PathParam("team") String team, @PathParam("name") String name, @Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    if (change.description() == null && change.rights() == null && change.isDisabled() == null) {
      throw IndexException.invalid("UNSUPPORTED", "cannot change robot " + team + "+" + name + ": give description, rights or isDisabled");
    }
    return robots.change(who, team, name, new Changes(change.description(), change.rights(), change.isDisabled()));
  }

  @POST
  @Path("/{team}/{name}/secret")
  @Operation(summary = "Gives a robot a new secret, shown this once", description = "Administrators only. The old one ends at once")
  public NewSecret renew(@PathParam("team") String team, @PathParam("name") String name, @Nullable Life given) {
    var who = caller.get();
    return robots.renew(who, team, name, Given.required(Given.body(given).days(), "days"));
  }

  @DELETE
  @Path("/{team}/{name}")
  @Operation(summary = "Removes a robot", description = "Administrators only. What it pushed stays")
  public void remove(@PathParam("team") String team, @PathParam("name") String name) {
    robots.remove(caller.get(), team, name);
  }
}
