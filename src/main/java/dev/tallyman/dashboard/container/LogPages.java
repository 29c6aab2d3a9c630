package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.dashboard.Page;
import dev.tallyman.identity.Caller;
import dev.tallyman.log.Logs;
import dev.tallyman.log.Logs.LogQuery;
import dev.tallyman.log.Logs.LogSink;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import org.jboss.resteasy.reactive.RestPath;

/** The whole log of a container as a file. */
@Page
@Blocking
@Path("/ui/containers/{id:[0-9a-f]+}/log.txt")
public class LogPages {
  private final Logs logs;
  private final Lookup lookup;
  private final CurrentCaller caller;

  @Inject
  LogPages(Logs logs, Lookup lookup, CurrentCaller caller) {
    this.logs = logs;
    this.lookup = lookup;
    this.caller = caller;
  }

  @GET
  public Response download(@RestPath String id) {
    Caller who = caller.get();
    Container container = lookup.find(who, id);
    Logs.requireKept(container);
    StreamingOutput body = out -> logs.read(who, container.id(), new LogQuery(true, true, false, null, null, -1, true), new Copy(out));
    String file = container.name().replaceAll("[^A-Za-z0-9_.-]", "_") + ".log";
    return Response.ok(body, "text/plain;charset=UTF-8").header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + file + "\"").build();
  }

  /** Writes both streams in the order in which they come. */
  private static final class Copy implements LogSink {
    private final OutputStream out;
    private final WritableByteChannel channel;

    private Copy(OutputStream out) {
      this.out = out;
      this.channel = Channels.newChannel(out);
    }

    @Override
    public void write(boolean isError, ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public boolean isClosed() {
      return false;
    }
  }
}
