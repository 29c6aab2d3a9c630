package dev.tallyman.distribution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;

/** Small bodies of answers, bounded in size and time. */
final class Bodies {
  private static final int LARGEST_ERROR = 64 * 1024;
  private static final int LONGEST_REASON = 300;
  /** A small body that takes longer is meant to keep us. */
  private static final long MOST_NANOS = 60_000_000_000L;
  private static final long MOST_SKIP_NANOS = 2_000_000_000L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Bodies() {}

  static byte[] read(ClassicHttpResponse answer, int most) throws IOException {
    return read(answer, most, MOST_NANOS);
  }

  /** Closes an answer of which the head is enough. The little that it says is read, so that its connection serves again; one that says much or slowly loses it. */
  static void skip(ClassicHttpResponse answer) {
    try (answer) {
      read(answer, LARGEST_ERROR, MOST_SKIP_NANOS);
    } catch (TallymanException | IOException e) {
      // It goes with its connection, and nobody wanted it.
    }
  }

  private static byte[] read(ClassicHttpResponse answer, int most, long mostNanos) throws IOException {
    HttpEntity entity = answer.getEntity();
    if (entity == null) {
      return new byte[0];
    }
    long start = System.nanoTime();
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    byte[] buffer = new byte[16 * 1024];
    try (InputStream in = entity.getContent()) {
      int count;
      while ((count = in.read(buffer)) >= 0) {
        bytes.write(buffer, 0, count);
        if (bytes.size() > most) {
          throw new UnreachableException("the registry's answer is larger than " + most + " bytes");
        }
        if (System.nanoTime() - start > mostNanos) {
          throw new UnreachableException("the registry's answer takes too long");
        }
      }
    }
    return bytes.toByteArray();
  }

  /** The reason of an error answer, as registries write it: {@code code: message}. */
  static String reason(int status, byte[] body, String otherwise) {
    try {
      JsonNode error = body.length > LARGEST_ERROR ? null : JSON.readTree(body).path("errors").path(0);
      if (error != null && error.isObject()) {
        // Docker's client reads the names of fields in any case, and so some write them.
        String code = error.path("code").asText(error.path("Code").asText("")).toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return plain(code + ": " + error.path("message").asText(""));
      }
    } catch (JsonProcessingException e) {
      // Not JSON: the status says enough.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return otherwise.isEmpty() ? "status " + status : otherwise;
  }

  /** What a foreign server wrote is shown as one line of text. */
  private static String plain(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "…" : line;
  }
}
