package dev.tallyman.index;

import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.Statuses;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** Failures in the specification's form: a list of errors with codes; log-ins are asked for as registries do. */
final class IndexAnswers {
  private IndexAnswers() {}

  static Response failure(TallymanException failure, HttpServerRequest request, Address address) {
    int status = failure instanceof RangeException ? 416 : failure instanceof BlobInUseException ? 405 : Statuses.of(failure);
    Response.ResponseBuilder answer = error(status, code(failure), String.valueOf(failure.getMessage()));
    if (failure instanceof RangeException range) {
      answer.header("Range", range.range());
      if (range.location() != null) {
        answer.header("Location", range.location());
      } else {
        answer.header("Content-Range", range.range());
      }
    }
    if (failure instanceof RetryLaterException later) {
      answer.header("Retry-After", later.seconds());
    }
    if (status == 401) {
      answer.header("WWW-Authenticate", challenge(request, address));
    }
    return answer.build();
  }

  static Response.ResponseBuilder error(int status, String code, String message) {
    JsonObject error = new JsonObject().put("code", code).put("message", message).put("detail", new JsonObject(Map.of()));
    return Response.status(status).type("application/json").entity(new JsonObject().put("errors", new JsonArray().add(error)).encode());
  }

  private static String code(TallymanException failure) {
    if (failure instanceof IndexException known) {
      return known.code();
    }
    return switch (failure.kind()) {
      case UNAUTHENTICATED -> "UNAUTHORIZED";
      case DENIED -> "DENIED";
      case NOT_FOUND -> "NAME_UNKNOWN";
      case TOO_LARGE -> "SIZE_INVALID";
      case EXHAUSTED -> "TOOMANYREQUESTS";
      case UNSUPPORTED -> "UNSUPPORTED";
      case INVALID, ALREADY_EXISTS, CONFLICT -> failure instanceof RangeException ? "BLOB_UPLOAD_INVALID" : "UNSUPPORTED";
      case UNAVAILABLE, INTERNAL -> "UNKNOWN";
    };
  }

  /** The host is one that the edge let in. Forwarded headers are not believed. */
  private static String challenge(HttpServerRequest request, Address address) {
    String host = String.valueOf(request.authority());
    String scope = address.repository().isEmpty() ? "" : ",scope=\"repository:" + address.repository() + ":" + scope(request, address) + source(request) + "\"";
    return "Bearer realm=\"" + request.scheme() + "://" + host + "/v2/token\",service=\"" + host + "\"" + scope;
  }

  /** A mount reads another repository, too. */
  private static String source(HttpServerRequest request) {
    String from = request.getParam("from");
    return from != null && Address.isName(from) ? " repository:" + from + ":pull" : "";
  }

  private static String scope(HttpServerRequest request, Address address) {
    return switch (request.method().name()) {
      case "GET", "HEAD" -> address.kind() == Address.Kind.UPLOAD ? "pull,push" : "pull";
      case "DELETE" -> address.kind() == Address.Kind.UPLOAD ? "pull,push" : "delete,pull";
      default -> "pull,push";
    };
  }
}
