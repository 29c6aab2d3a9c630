package dev.tallyman.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A build told as lines of JSON, in the shape of Docker's: {@code stream} for text, {@code status} with {@code id} for layers on their way,
 * {@code aux} with the image's id, {@code error} with {@code errorDetail} for what went wrong. Each line is sent at once.
 */
final class BuildFeed implements BuildOutput, TransferProgress {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final OutputStream out;
  private boolean hasBegun;

  BuildFeed(OutputStream out) {
    this.out = out;
  }

  /** False as long as nothing was sent: until then a refusal can be the answer itself. */
  synchronized boolean hasBegun() {
    return hasBegun;
  }

  @Override
  public void text(String text) {
    send(Map.of("stream", text));
  }

  @Override
  public void made(String image) {
    send(Map.of("aux", Map.of("ID", image)));
  }

  @Override
  public TransferProgress transfer() {
    return this;
  }

  @Override
  public void line(String text) {
    send(Map.of("status", text));
  }

  @Override
  public void status(String id, String status) {
    send(Map.of("id", id, "status", status));
  }

  /** Numbers are for those who draw bars; here a line for each layer's states is enough. */
  @Override
  public void bytes(String id, String status, long current, long total) {}

  void failed(TallymanException refused) {
    String message = String.valueOf(refused.getMessage());
    int code = refused instanceof BuildException command ? command.exitCode() : 0;
    send(Map.of("error", message, "errorDetail", code == 0 ? Map.of("message", message) : Map.of("message", message, "code", code)));
  }

  private synchronized void send(Map<String, ?> line) {
    hasBegun = true;
    try {
      out.write((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException("the client is gone", e);
    }
  }
}
