package dev.tallyman.container;

import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/containers/{name}")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Containers")
class ContainerLifeResource {
  private static final int MAX_WAIT_SECONDS = 3600;

  private final Containers containers;
  private final CurrentCaller caller;

  @Inject
  ContainerLifeResource(Containers containers, CurrentCaller caller) {
    this.containers = containers;
    this.caller = caller;
  }

  @POST
  @Path("/start")
  @Operation(summary = "Starts a container; nothing happens if it runs")
  public Container start(@PathParam("name") String name) {
    Caller who = caller.get();
    containers.start(who, name);
    return containers.inspect(who, name);
  }

  @POST
  @Path("/stop")
  @Operation(summary = "Ends a container with its stop signal, and by a kill after the timeout")
  public void stop(
      @PathParam("name") String name, @QueryParam("signal") @Nullable String signal,
      @Parameter(description = "seconds; absent = the container's own, else 10") @QueryParam("timeout") @Nullable String timeout) {
    containers.stop(caller.get(), name, signal, seconds(timeout));
  }

  @POST
  @Path("/restart")
  @Operation(summary = "Stops and starts a container")
  public Container restart(@PathParam("name") String name, @QueryParam("signal") @Nullable String signal, @QueryParam("timeout") @Nullable String timeout) {
    Caller who = caller.get();
    containers.restart(who, name, signal, seconds(timeout));
    return containers.inspect(who, name);
  }

  private static @Nullable Integer seconds(@Nullable String timeout) {
    return timeout == null || timeout.isEmpty() ? null : Integer.valueOf(Given.number(timeout, "timeout", 0));
  }

  @POST
  @Path("/kill")
  @Operation(summary = "Sends a signal to the container's first process")
  public void kill(@PathParam("name") String name, @QueryParam("signal") @DefaultValue("SIGKILL") String signal) {
    containers.kill(caller.get(), name, signal);
  }

  @POST
  @Path("/pause")
  @Operation(summary = "Freezes all processes of a container")
  public void pause(@PathParam("name") String name) {
    containers.pause(caller.get(), name);
  }

  @POST
  @Path("/unpause")
  @Operation(summary = "Thaws a frozen container")
  public void unpause(@PathParam("name") String name) {
    containers.unpause(caller.get(), name);
  }

  /** @param exitCode absent when the time was up first */
  record Waited(boolean hasEnded, @Nullable Integer exitCode) {}

  @POST
  @Path("/wait")
  @Operation(summary = "Waits for the end of a container")
  public CompletionStage<Waited> awaitEnd(
      @PathParam("name") String name, @Parameter(description = "not-running, next-exit or removed") @QueryParam("condition") @DefaultValue("not-running") String condition,
      @Parameter(description = "seconds, 1 to 3600") @QueryParam("timeout") @DefaultValue("300") String timeout) {
    int seconds = Given.number(timeout, "timeout", 0);
    if (seconds < 1 || seconds > MAX_WAIT_SECONDS) {
      throw Refusal.invalid("the parameter 'timeout' must be 1 to " + MAX_WAIT_SECONDS + " seconds");
    }
    CompletableFuture<Containers.WaitResult> end = containers.wait(caller.get(), name, condition(condition));
    CompletableFuture<Waited> answer = end.thenApply(result -> new Waited(true, result.exitCode())).completeOnTimeout(new Waited(false, null), seconds, TimeUnit.SECONDS);
    // Lets the container forget who does not wait any more.
    return answer.whenComplete((result, failure) -> end.cancel(false));
  }

  private static WaitCondition condition(String text) {
    return switch (text) {
      case "not-running" -> WaitCondition.NOT_RUNNING;
      case "next-exit" -> WaitCondition.NEXT_EXIT;
      case "removed" -> WaitCondition.REMOVED;
      default -> throw Refusal.invalid("invalid condition: " + Refusal.quoted(text) + "; not-running, next-exit or removed");
    };
  }
}
