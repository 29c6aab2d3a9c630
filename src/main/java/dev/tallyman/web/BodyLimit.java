package dev.tallyman.web;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/** Limit of bodies that are kept in memory (JSON and forms). Archives are streams and do not come through here. */
public final class BodyLimit {
  /** 1 MiB: the largest create request is some tens of KiB. */
  public static final int MAX_BYTES = 1 << 20;

  /** Time in which such a body must have arrived; a megabyte takes longer only from a client that wants it so. */
  static final long MAX_MILLIS = 30_000;

  private static final long LINGER_MILLIS = 500;

  private BodyLimit() {}

  /**
   * Reads a body on a plain route, at most {@link #MAX_BYTES}. Must be called on the request's event loop, before anything else reads it.
   *
   * @return fails with TOO_LARGE as soon as one byte too many has come, or INVALID when the client does not finish in time; what is
   *     left of the body is not waited for
   */
  public static Future<Buffer> read(RoutingContext context) {
    HttpServerRequest request = context.request();
    Promise<Buffer> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    long timer = context.vertx().setTimer(MAX_MILLIS, id -> promise.tryFail(new TallymanException(ErrorKind.INVALID, FrameworkRefusals.describe(408, "", ""))));
    request.exceptionHandler(promise::tryFail);
    request.endHandler(end -> promise.tryComplete(body));
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() <= MAX_BYTES) {
            body.appendBuffer(chunk);
          } else if (!promise.future().isComplete()) {
            request.pause();
            // Before the failure is told: that sends the answer.
            closeAfterAnswer(context);
            promise.tryFail(new TallymanException(ErrorKind.TOO_LARGE, FrameworkRefusals.describe(413, "", "")));
          }
        });
    request.resume();
    return promise.future().onComplete(done -> context.vertx().cancelTimer(timer));
  }

  /**
   * The rest of the body is not wanted, so this connection cannot carry another request. It is closed a moment after the answer: at once
   * would let the kernel drop the answer together with what the client is still sending.
   */
  public static void closeAfterAnswer(RoutingContext context) {
    if (context.request().version() == HttpVersion.HTTP_2) {
      return;
    }
    context.response().putHeader("Connection", "close");
    context.addEndHandler(
        done -> {
          context.request().handler(ignored -> {});
          context.request().resume();
          context.vertx().setTimer(LINGER_MILLIS, id -> context.request().connection().close());
        });
  }
}
