package dev.tallyman.dashboard.image;

import dev.tallyman.build.BuildStreams;
import dev.tallyman.build.BuildWish;
import dev.tallyman.dashboard.Page;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Builds what the page sends; the page shows the lines as they come. */
@Page
@Blocking
@Path("/ui/images/dockerfile/build")
public class BuildActions {
  private final BuildStreams builds;
  private final CurrentCaller caller;
  private final RoutingContext connection;

  @Inject
  BuildActions(BuildStreams builds, CurrentCaller caller, RoutingContext connection) {
    this.builds = builds;
    this.caller = caller;
    this.connection = connection;
  }

  @POST
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  public Response build(
      InputStream context, @RestQuery @Nullable String file, @RestQuery @Nullable String reference, @RestQuery @Nullable String target,
      @RestQuery List<String> argument, @RestQuery boolean noCache, @RestQuery @Nullable String remote) {
    BuildWish wish = new BuildWish(file, reference == null ? List.of() : List.of(reference), target, argument, List.of(), noCache, false);
    return builds.answer(caller.get(), wish.request().from(remote == null ? "" : remote), context, connection);
  }
}
