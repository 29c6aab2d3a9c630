package dev.tallyman.engine.control;

import dev.tallyman.build.Cancellation;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Something that a client asked to build. Builds of others may stand on it; they are asked for later, so that no two wait for each other. */
final class Result {
  final Frontend build;
  private final Map<String, Result> inputs;
  private final CompletableFuture<String> image = new CompletableFuture<>();

  /** @param inputs of other jobs, by the keys that the build knows them by */
  Result(Frontend build, Map<String, Result> inputs) {
    this.build = build;
    this.inputs = Map.copyOf(inputs);
    build.contexts().forEach((name, context) -> {
      if (context.kind() == ContextOption.Kind.INPUT && !inputs.containsKey(context.where())) {
        throw Messages.invalid("invalid input " + context.where() + " for the build context " + name);
      }
    });
  }

  /** @param id of the image */
  void made(String id) {
    image.complete(id);
  }

  /** It will not be made, unless it is. */
  void failed(String reason) {
    image.completeExceptionally(new TallymanException(ErrorKind.CONFLICT, reason));
  }

  /** Waits for the images of all inputs. @return their ids */
  @SuppressWarnings("try") // end is there to be closed
  Map<String, String> images(Cancellation cancellation) {
    Map<String, String> images = new LinkedHashMap<>();
    for (Map.Entry<String, Result> each : inputs.entrySet()) {
      CompletableFuture<String> wanted = each.getValue().image.copy();
      try (Cancellation.Registration end = cancellation.on(() -> wanted.cancel(false))) {
        images.put(each.getKey(), wanted.join());
      } catch (CompletionException | CancellationException e) {
        cancellation.check();
        throw e.getCause() instanceof TallymanException known ? new TallymanException(known.kind(), String.valueOf(known.getMessage()), known) : e;
      }
    }
    return images;
  }
}
