package dev.tallyman.app;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.EventQuery;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/events")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Events", description = "What happened to containers, images, networks and volumes")
class EventResource {
  private static final int MAX_LIMIT = 1000;

  private final Events events;
  private final CurrentCaller caller;

  @Inject
  EventResource(Events events, CurrentCaller caller) {
    this.events = events;
    this.caller = caller;
  }

  /** @param next give it as {@code before} to get the page after this one; absent on the last */
  record Page(List<Event> events, @Nullable Long next) {}

  @GET
  @Operation(summary = "The history of events, newest first", description = "Kept over restarts of the server, up to a number and an age that the server's settings say.")
  public Page list(
      @Parameter(description = "container, image, network, volume …") @QueryParam("type") @Nullable String type,
      @Parameter(description = "e.g. start, die, health_status") @QueryParam("action") @Nullable String action,
      @Parameter(description = "an id, or a name, or the beginning of one") @QueryParam("object") @Nullable String object,
      @Parameter(description = "name of the account that caused it; system for the server itself") @QueryParam("account") @Nullable String account,
      @QueryParam("since") @Nullable String since, @QueryParam("until") @Nullable String until, @QueryParam("before") @Nullable String before,
      @Parameter(description = "1 to 1000") @QueryParam("limit") @DefaultValue("100") String limit) {
    int wanted = Given.number(limit, "limit", 0);
    if (wanted < 1 || wanted > MAX_LIMIT) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter 'limit' must be 1 to " + MAX_LIMIT);
    }
    Caller who = caller.get();
    EventQuery query = new EventQuery(type, action, object, account, Given.instant(since, "since"), Given.instant(until, "until"));
    Long below = Given.id(before, "before");
    List<Event> found = events.newest(query.seenBy(who), below == null ? Long.MAX_VALUE : below, wanted);
    return new Page(found, found.size() < wanted ? null : found.get(found.size() - 1).sequence());
  }
}
