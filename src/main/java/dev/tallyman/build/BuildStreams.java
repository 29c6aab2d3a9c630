package dev.tallyman.build;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;

/** Builds that tell how they go in the answer to the request that began them. */
@ApplicationScoped
public class BuildStreams {
  /** Lines of JSON, see {@link BuildFeed}. */
  public static final String TYPE = "application/x-ndjson";

  private final Builds builds;

  @Inject
  BuildStreams(Builds builds) {
    this.builds = builds;
  }

  /**
   * What is refused before the first line is the answer, with its own status; later it is the last line. A client that goes away ends the build.
   *
   * @param context read in full before the first line
   */
  public Response answer(Caller caller, BuildRequest request, InputStream context, RoutingContext connection) {
    Cancellation cancellation = new Cancellation();
    connection.addEndHandler(done -> connection.vertx().executeBlocking(() -> cancel(cancellation), false));
    StreamingOutput stream = out -> {
      BuildFeed feed = new BuildFeed(out);
      try {
        builds.build(caller, request, context, feed, cancellation);
      } catch (TallymanException refused) {
        if (!feed.hasBegun()) {
          throw refused;
        }
        feed.failed(refused);
      }
    };
    return Response.ok(stream, TYPE).build();
  }

  /** After the end of a build there is nothing left to cancel. */
  private static boolean cancel(Cancellation cancellation) {
    cancellation.cancel();
    return true;
  }
}
