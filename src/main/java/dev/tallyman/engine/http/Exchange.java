package dev.tallyman.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.Callers;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.InputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One request and its answer. */
public final class Exchange {
  private final RoutingContext context;
  private final String variable;
  private final ApiVersion version;
  private final Window window = new Window();
  private final Context eventLoop = Vertx.currentContext();
  private volatile boolean isHandedOver;
  private @Nullable Buffer body;
  private @Nullable RequestBody upload;
  private @Nullable AnswerStream stream;

  /** Must be called on the event loop of the request. */
  Exchange(RoutingContext context, String variable, ApiVersion version) {
    this.context = context;
    this.variable = variable;
    this.version = version;
    context.addEndHandler(done -> window.close());
  }

  public Caller caller() {
    return Callers.required(context);
  }

  /** The variable part of the path: a container, image, network … */
  public String name() {
    return variable;
  }

  public ApiVersion version() {
    return version;
  }

  public Query query() {
    try {
      return new Query(context.queryParams());
    } catch (IllegalArgumentException e) {
      throw new TallymanException(ErrorKind.INVALID, "the query has a damaged percent-encoding", e);
    }
  }

  public @Nullable String header(String name) {
    return context.request().getHeader(name);
  }

  public RoutingContext context() {
    return context;
  }

  /** The connection is not HTTP any more: what fails from here on cannot be answered. */
  public void handOver() {
    isHandedOver = true;
  }

  public void runOnEventLoop(Runnable task) {
    eventLoop.runOnContext(run -> task.run());
  }

  void setBody(Buffer bytes) {
    this.body = bytes;
  }

  void setUpload(RequestBody stream) {
    this.upload = stream;
  }

  public boolean hasBody() {
    return body != null && body.length() > 0;
  }

  /** @throws TallymanException INVALID if it is missing or not JSON */
  public JsonFields json() {
    if (!hasBody() || body.toString().isBlank()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid JSON: got EOF while reading request body");
    }
    return JsonFields.of(jsonTree(), "");
  }

  /** As {@link #json()}, but no body is the same as an empty object. */
  public JsonFields jsonIfAny() {
    return hasBody() ? json() : JsonFields.of(null, "");
  }

  /** Of a body whose content means nothing here. @throws TallymanException INVALID if there is one that is not JSON */
  public void checkJson() {
    if (hasBody()) {
      jsonTree();
    }
  }

  private JsonNode jsonTree() {
    String given = header("Content-Type");
    String type = given == null ? "" : given.strip();
    if (type.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "malformed Content-Type header (): mime: no media type");
    }
    if (!type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(Json.TYPE)) {
      throw new TallymanException(ErrorKind.INVALID, "unsupported Content-Type header (" + type + "): must be 'application/json'");
    }
    return Json.parse(body == null ? new byte[0] : body.getBytes());
  }

  /** The body of an upload; only for endpoints registered as such. */
  public InputStream bodyStream() {
    if (upload == null) {
      throw new IllegalStateException("this endpoint is not registered as an upload");
    }
    return upload;
  }

  /** Starts a long answer. Its head is sent with the first chunk or by {@link AnswerStream#begin()}. */
  public AnswerStream stream(String contentType) {
    stream = new AnswerStream(context.response(), window, contentType);
    return stream;
  }

  /** Closed when the client is gone or the answer is complete. */
  public Window window() {
    return window;
  }

  public void answer(Answer answer) {
    if (answer.isStreamed()) {
      return;
    }
    HttpServerResponse response = context.response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    response.setStatusCode(answer.status());
    if (answer.contentType() != null) {
      response.putHeader("Content-Type", answer.contentType());
    }
    boolean leavesBody = upload != null && !upload.isEnded();
    if (leavesBody) {
      response.putHeader("Connection", "close");
    }
    if (answer.body() == null) {
      response.end();
    } else {
      response.end(answer.body());
    }
    if (leavesBody) {
      upload.discard();
    } else if (!context.request().isEnded()) {
      runOnEventLoop(() -> context.request().resume());
    }
  }

  /** Answers an error; a stream that has begun is broken off instead, so that nobody takes it for whole. */
  public void fail(Throwable failure) {
    if (isHandedOver) {
      if (!(failure instanceof ClientGoneException)) {
        EngineErrors.told(failure, context.request().method() + " " + context.request().path());
      }
      return;
    }
    if (failure instanceof ClientGoneException || (stream != null && stream.isGone())) {
      AnswerStream.breakOff(context.response());
      return;
    }
    TallymanException told = EngineErrors.told(failure, context.request().method() + " " + context.request().path());
    if (context.response().headWritten()) {
      AnswerStream.breakOff(context.response());
      return;
    }
    if (told instanceof dev.tallyman.error.RetryLaterException later) {
      context.response().putHeader("Retry-After", Long.toString(later.seconds()));
    }
    answer(EngineErrors.answer(told));
  }
}
