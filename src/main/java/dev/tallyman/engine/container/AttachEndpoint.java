package dev.tallyman.engine.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.Attachment;
import dev.tallyman.container.ContainerState;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Query;
import dev.tallyman.engine.stream.ClientStream;
import dev.tallyman.engine.stream.DetachKeys;
import dev.tallyman.engine.stream.RawConnection;
import dev.tallyman.engine.stream.Session;
import dev.tallyman.engine.stream.WebSocketStream;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.log.Logs;
import dev.tallyman.log.Logs.LogQuery;
import dev.tallyman.log.Logs.LogSink;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Joins a client to the streams of a container, before or after its start. */
@Singleton
class AttachEndpoint implements EngineEndpoints {
  private final Containers containers;
  private final Logs logs;
  private final Session session;

  @Inject
  AttachEndpoint(Containers containers, Logs logs, Session session) {
    this.containers = containers;
    this.logs = logs;
    this.session = session;
  }

  @Override
  public void register(EndpointTable table) {
    table.post("/containers/{id}/attach", exchange -> attach(exchange, Wish.of(exchange.query(), false), RawConnection::take));
    table.webSocket(
        "/containers/{id}/attach/ws",
        exchange -> attach(exchange, Wish.of(exchange.query(), exchange.version().isBefore(42)), (request, isMultiplexed) -> WebSocketStream.take(request)));
  }

  /** What the client asked for. */
  private record Wish(boolean input, boolean output, boolean errors, boolean logs, boolean stream, DetachKeys keys) {
    /** @param isWhole all three streams, whatever is asked for */
    static Wish of(Query query, boolean isWhole) {
      return new Wish(
          isWhole || query.flag("stdin"), isWhole || query.flag("stdout"), isWhole || query.flag("stderr"), query.flag("logs"), query.flag("stream"), DetachKeys.parse(query.text("detachKeys")));
    }
  }

  /** Takes the client's connection over, once nothing can go wrong any more that the client should be told by a status. */
  private interface Opener {
    ClientStream open(Exchange exchange, boolean isMultiplexed) throws IOException;
  }

  private Answer attach(Exchange exchange, Wish wish, Opener opener) throws IOException {
    Caller caller = exchange.caller();
    Container container = containers.inspect(caller, exchange.name());
    if (container.state() == ContainerState.PAUSED) {
      throw new TallymanException(ErrorKind.CONFLICT, "container " + exchange.name() + " is paused, unpause the container before attach");
    }
    if (container.state() == ContainerState.RESTARTING) {
      throw new TallymanException(ErrorKind.CONFLICT, "container " + exchange.name() + " is restarting, wait until the container is running");
    }
    boolean isTty = container.spec().isTty();
    boolean wantsInput = wish.input && container.spec().isStdinOpen();
    Instant attached = Instant.now();
    Attachment attachment = wish.stream ? containers.attach(caller, container.id(), wantsInput, wish.output || wish.errors) : null;
    try (ClientStream client = opener.open(exchange, !isTty)) {
      if (wish.logs) {
        sendLog(caller, container, client, wish, attachment == null ? null : attached);
      }
      if (attachment != null) {
        boolean endsInput = container.spec().isStdinOnce() && !isTty;
        boolean isDetached = join(client, attachment.connection(), new Session.Terms(wantsInput, wish.output, wish.errors || isTty, endsInput, isTty ? wish.keys : null));
        if (isDetached) {
          containers.detached(caller, container.id());
        }
      }
    } finally {
      if (attachment != null) {
        drop(attachment);
      }
    }
    return Answer.streamed();
  }

  /** Nobody is joined to it any more. */
  private static void drop(Attachment attachment) {
    if (!attachment.connection().cancel(false)) {
      attachment.connection().whenComplete((connection, failure) -> {
        if (connection != null) {
          connection.close();
        }
      });
    }
  }

  /** @return true if the client left by its detach keys */
  private boolean join(ClientStream client, CompletableFuture<MonitorConnection> connection, Session.Terms terms) {
    client.window().whenClosed(() -> connection.cancel(false));
    try {
      return session.run(client, connection.get(), terms);
    } catch (CancellationException | ExecutionException e) {
      // It was not started, or the client did not wait for that: the start's own answer says why.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** @param until the moment of attaching, so that nothing comes twice; absent = all */
  private void sendLog(Caller caller, Container container, ClientStream client, Wish wish, @Nullable Instant until) throws IOException {
    boolean isTty = container.spec().isTty();
    LogSink sink =
        new LogSink() {
          @Override
          public void write(boolean isError, ByteBuffer bytes) throws IOException {
            client.write(isError, bytes);
          }

          @Override
          public void flush() {
            // Every write goes out at once.
          }

          @Override
          public boolean isClosed() {
            return client.window().isClosed();
          }
        };
    logs.read(caller, container.id(), new LogQuery(wish.output || isTty, wish.errors, false, null, until, -1, false), sink);
  }
}
