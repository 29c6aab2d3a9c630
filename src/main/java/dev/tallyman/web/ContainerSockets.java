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
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** Listens on the sockets of containers. What comes in there is answered by the same routes as everywhere, and is told apart by {@link Doors}. */
@ApplicationScoped
public class ContainerSockets {
  private static final Logger LOG = Logger.getLogger(ContainerSockets.class);

  /** A client and its streams need a handful; more would let one container use up the server's descriptors. */
  private static final int MAX_CONNECTIONS = 64;

  /** Nor one team those of the others. */
  private static final int MAX_CONNECTIONS_OF_TEAM = 512;

  private static final int MAX_CONNECTIONS_IN_ALL = 2048;

  /** Of a connection that asks nothing, as of strangers elsewhere; lifted with the first request. */
  private static final int IDLE_SECONDS = 60;

  private static final long WARNING_MILLIS = 60_000;
  private static final long WAIT_SECONDS = 10;


  private final Vertx vertx;
  private final Listeners listeners;
  private final Map<String, Door> open = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Void>> closing = new ConcurrentHashMap<>();
  private final Map<Long, AtomicInteger> teams = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();

  @Inject
  ContainerSockets(Vertx vertx, Listeners listeners) {
    this.vertx = vertx;
    this.listeners = listeners;
  }

  private record Door(HttpServer server, Path file, AtomicInteger connections, AtomicLong warnedAt) {}

  /** There when the server is about to open its own doors: before that there is nobody who answers. */
  public CompletableFuture<?> ready() {
    return listeners.ofUnixSocket();
  }

  public boolean isOpen(String container) {
    return open.containsKey(container);
  }

  /** Blocks until the socket is there. What another server left at the path is replaced. Not for one container from two threads at a time. */
  public void open(Resident resident, Path file) {
    if (isOpen(resident.container())) {
      return;
    }
    CompletableFuture<Void> before = closing.get(resident.container());
    if (before != null) {
      await(before, file);
    }
    HttpServerOptions options = await(listeners.ofUnixSocket(), file);
    HttpServerOptions own = new HttpServerOptions(options).setIdleTimeout(IDLE_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS);
    Door door = new Door(vertx.createHttpServer(own), file, new AtomicInteger(), new AtomicLong());
    door.server.requestHandler(VertxHttpRecorder.getRootHandler()).connectionHandler(connection -> admit(door, resident, connection));
    try {
      Files.deleteIfExists(file);
      await(door.server.listen(SocketAddress.domainSocketAddress(file.toString())).toCompletionStage().toCompletableFuture(), file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException | RuntimeException e) {
      shut(resident.container(), door);
      throw e instanceof TallymanException known ? known : failure(file, e);
    }
    open.put(resident.container(), door);
  }

  /** Ends its connections, too. Of a container that ended with an earlier server there is the file only. */
  public void close(String container, Path file) {
    Door door = open.remove(container);
    if (door == null) {
      delete(file);
    } else {
      shut(container, door);
    }
  }

  private void shut(String container, Door door) {
    // The file goes with the listener, so the next one must wait for it.
    CompletableFuture<Void> closed = door.server.close().otherwiseEmpty().toCompletionStage().toCompletableFuture();
    closing.put(container, closed);
    closed.whenComplete((done, failure) -> closing.remove(container, closed));
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warnf("a container's socket stays: %s", e.getMessage());
    }
  }

  private void admit(Door door, Resident resident, HttpConnection connection) {
    AtomicInteger team = teams.computeIfAbsent(resident.team(), each -> new AtomicInteger());
    int own = door.connections.incrementAndGet();
    int ofTeam = team.incrementAndGet();
    int all = connections.incrementAndGet();
    connection.closeHandler(
        closed -> {
          door.connections.decrementAndGet();
          team.decrementAndGet();
          connections.decrementAndGet();
        });
    Doors.setResident(connection, resident);
    if (own > MAX_CONNECTIONS || ofTeam > MAX_CONNECTIONS_OF_TEAM || all > MAX_CONNECTIONS_IN_ALL) {
      connection.close();
      long now = System.currentTimeMillis();
      long before = door.warnedAt.get();
      if (now - before > WARNING_MILLIS && door.warnedAt.compareAndSet(before, now)) {
        LOG.warnf("container %s, or its team, has too many connections to sockets of the Engine API", resident.container());
      }
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
