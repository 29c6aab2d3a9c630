package dev.tallyman.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What an endpoint answers in one piece. */
public record Answer(int status, @Nullable String contentType, @Nullable Buffer body) {
  private static final Answer STREAMED = new Answer(0, null, null);

  public static Answer json(int status, JsonNode body) {
    return new Answer(status, Json.TYPE, Json.bytes(body));
  }

  public static Answer ok(JsonNode body) {
    return json(200, body);
  }

  /** 204, 304, or 200 and 201 without a body. */
  public static Answer empty(int status) {
    return new Answer(status, null, null);
  }

  public static Answer text(String text) {
    return plain(200, text);
  }

  static Answer plain(int status, String text) {
    return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The endpoint has sent, or will send, everything itself. */
  public static Answer streamed() {
    return STREAMED;
  }

  boolean isStreamed() {
    return status == 0;
  }
}
