package dev.tallyman.log;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.concurrent.ExecutorService;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/containers/{id}/logs")
@Tag(name = "Containers")
class LogResource {
  private static final long LARGEST_TAIL = 1_000_000_000;

  private final Logs logs;
  private final Containers containers;
  private final CurrentCaller caller;
  private final ExecutorService threads;

  @Inject
  LogResource(Logs logs, Containers containers, CurrentCaller caller, @VirtualThreads ExecutorService threads) {
    this.logs = logs;
    this.containers = containers;
    this.caller = caller;
    this.threads = threads;
  }

  @GET
  @Blocking
  @Produces(MediaType.TEXT_PLAIN)
  @Operation(
      summary = "What a container wrote",
      description =
          "stream is all, stdout or stderr; tail is a number of lines or all; since and until are RFC 3339 times or seconds since 1970; with follow the answer goes on until the container ends")
  public Multi<byte[]> read(
      @PathParam("id") String id,
      @QueryParam("stream") @DefaultValue("all") String stream,
      @QueryParam("follow") @DefaultValue("false") boolean follows,
      @QueryParam("tail") @DefaultValue("all") String tail,
      @QueryParam("since") @Nullable String since,
      @QueryParam("until") @Nullable String until,
      @QueryParam("timestamps") @DefaultValue("false") boolean wantsTimestamps) {
    Caller reader = caller.get();
    Container container = containers.inspect(reader, id);
    Logs.requireKept(container);
    Logs.LogQuery query =
        new Logs.LogQuery(
            isWanted(stream, "stdout"), isWanted(stream, "stderr"), follows, Given.instant(since, "since"), Given.instant(until, "until"), lines(tail), wantsTimestamps);
    return Multi.createFrom().publisher(new LogStream(threads, sink -> logs.read(reader, container.id(), query, sink)));
  }

  private static boolean isWanted(String stream, String name) {
    if (!stream.equals("all") && !stream.equals("stdout") && !stream.equals("stderr")) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter 'stream' must be all, stdout or stderr");
    }
    return stream.equals("all") || stream.equals(name);
  }

  private static long lines(String tail) {
    if (tail.equals("all")) {
      return -1;
    }
    int lines = Given.number(tail, "tail", -1);
    if (lines < 0 || lines > LARGEST_TAIL) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter 'tail' must be a number of lines or all");
    }
    return lines;
  }
}
