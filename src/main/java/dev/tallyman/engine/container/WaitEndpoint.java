package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.container.Containers.WaitResult;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.EngineErrors;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Waits for containers. Many clients wait for hours, so no thread waits with them. */
@Singleton
class WaitEndpoint implements EngineEndpoints {
  private final Containers containers;

  @Inject
  WaitEndpoint(Containers containers) {
    this.containers = containers;
  }

  @Override
  public void register(EndpointTable table) {
    table.post("/containers/{id}/wait", this::await);
  }

  private Answer await(Exchange exchange) {
    boolean isOld = exchange.version().isBefore(30); // neither conditions nor a head before the end
    CompletableFuture<WaitResult> end = containers.wait(exchange.caller(), exchange.name(), condition(isOld ? "" : exchange.query().text("condition")));
    HttpServerResponse response = exchange.context().response();
    response.putHeader("Content-Type", Json.TYPE).setChunked(true);
    if (!isOld) {
      // The docker client starts the container only after it has seen this head.
      response.write(Buffer.buffer());
    }
    exchange.window().whenClosed(() -> end.cancel(false));
    end.whenComplete((result, failure) -> finish(exchange, response, result, failure));
    return Answer.streamed();
  }

  private static WaitCondition condition(String text) {
    return switch (text) {
      case "", "not-running" -> WaitCondition.NOT_RUNNING;
      case "next-exit" -> WaitCondition.NEXT_EXIT;
      case "removed" -> WaitCondition.REMOVED;
      default -> throw new TallymanException(ErrorKind.INVALID, "invalid condition: \"" + text + "\"; not-running, next-exit or removed");
    };
  }

  private static void finish(Exchange exchange, HttpServerResponse response, @Nullable WaitResult result, @Nullable Throwable failure) {
    if (exchange.window().isClosed()) {
      return;
    }
    ObjectNode view = Json.object();
    if (result == null) {
      TallymanException told = EngineErrors.told(failure == null ? new IllegalStateException("a wait ended without result") : failure, "waiting for a container");
      view.put("StatusCode", -1).putObject("Error").put("Message", told.getMessage());
    } else {
      view.put("StatusCode", result.exitCode());
      if (result.error() != null) {
        view.putObject("Error").put("Message", result.error());
      }
    }
    response.end(Json.bytes(view).appendString("\n"));
  }
}
