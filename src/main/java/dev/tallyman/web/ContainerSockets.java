package dev.tallyman.web;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Listens on the sockets of containers. What comes in there is answered by the same routes as everywhere, and is told apart by {@link Doors}. */
@ApplicationScoped
public class ContainerSockets {
  private static final Logger LOG = Logger.getLogger(ContainerSockets.class);

  /** A client and its streams need a handful; more would let one container use up the server's descriptors. */
  private static final int MAX_CONNECTIONS = 64;

  private static final int MAX_CONNECTIONS_IN_ALL = 2048;

  /** Longer than a slow machine takes to begin: containers that start with the server wait for its doors. */
  private static final long WAIT_SECONDS = 60;


  private final Vertx vertx;
  private final Listeners listeners;
  private final Map<String, Door> open = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Void>> closing = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();

  @Inject
  ContainerSockets(Vertx vertx, Listeners listeners) {
    this.vertx = vertx;
    this.listeners = listeners;
  }

  private record Door(HttpServer server, Path file, AtomicInteger connections) {}

  public boolean isOpen(String container) {
    return open.containsKey(container);
  }

  /** Blocks until the socket is there; waits for the server's own doors, when it has just begun. What another server left at the path is replaced. */
  public void open(Resident resident, Path file) {
    if (isOpen(resident.container())) {
      return;
    }
    CompletableFuture<Void> before = closing.get(resident.container());
    if (before != null) {
      await(before, file);
    }
    HttpServerOptions options = await(listeners.ofUnixSocket(), file);
    Door door = new Door(vertx.createHttpServer(new HttpServerOptions(options)), file, new AtomicInteger());
    door.server.requestHandler(VertxHttpRecorder.getRootHandler()).connectionHandler(connection -> admit(door, resident, connection));
    try {
      Files.deleteIfExists(file);
      await(door.server.listen(SocketAddress.domainSocketAddress(file.toString())).toCompletionStage().toCompletableFuture(), file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException e) {
      door.server.close();
      throw failure(file, e);
    }
    open.put(resident.container(), door);
  }

  /** Ends its connections, too. Of a container that ended with an earlier server there is the file only. */
  public void close(String container, Path file) {
    Door door = open.remove(container);
    if (door == null) {
      delete(file);
    } else {
      // The file goes with the listener, so the next one must wait for it.
      CompletableFuture<Void> closed = door.server.close().otherwiseEmpty().toCompletionStage().toCompletableFuture();
      closing.put(container, closed);
      closed.whenComplete((done, failure) -> closing.remove(container, closed));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warnf("a container's socket stays: %s", e.getMessage());
    }
  }

  private void admit(Door door, Resident resident, HttpConnection connection) {
    int own = door.connections.incrementAndGet();
    int all = connections.incrementAndGet();
    connection.closeHandler(
        closed -> {
          door.connections.decrementAndGet();
          connections.decrementAndGet();
        });
    Doors.setResident(connection, resident);
    if (own > MAX_CONNECTIONS || all > MAX_CONNECTIONS_IN_ALL) {
      LOG.warnf("container %s has too many connections to its socket of the Engine API", resident.container());
      connection.close();
    }
  }

  private static <T> T await(CompletableFuture<T> what, Path file) {
    try {
      return what.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw failure(file, e.getCause());
    } catch (TimeoutException e) {
      throw failure(file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(file, e);
    }
  }

  private static TallymanException failure(Path file, Throwable cause) {
    return new TallymanException(ErrorKind.INTERNAL, "cannot listen on the container's socket " + file.getFileName() + ": " + cause.getMessage(), cause);
  }
}
