package dev.tallyman.engine.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.dockerfile.Position;
import dev.tallyman.engine.grpc.GrpcStatus;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.engine.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where in a Dockerfile something went wrong, as a status says it beside its message. */
final class SourceDetail {
  /** BuildKit's types have JSON inside, not Protocol Buffers. */
  private static final String TYPE = "github.com/moby/buildkit/errdefs.Source+json";

  private SourceDetail() {}

  /** @return a google.rpc.Status */
  static byte[] of(String message, String name, String text, Position at) {
    ObjectNode source = Json.object();
    source.putObject("info").put("filename", name).put("data", Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))).put("language", "Dockerfile");
    ObjectNode range = source.putArray("ranges").addObject();
    range.putObject("start").put("line", at.line());
    range.putObject("end").put("line", at.lastLine());
    ProtoWriter any = new ProtoWriter().text(1, TYPE).bytes(2, Json.bytes(source).getBytes());
    return new ProtoWriter().number(1, GrpcStatus.UNKNOWN).text(2, message).message(3, any).toBytes();
  }
}
