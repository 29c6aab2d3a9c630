package dev.tallyman.web;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** Sends requests as bytes, for those that no proper client would send. */
final class RawHttp implements AutoCloseable {
  private final Socket socket;

  RawHttp(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(10_000);
  }

  RawHttp send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawHttp send(byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
    out.flush();
    return this;
  }

  /** The first bytes of the answer: status line, headers and, if short, the body. */
  String answer() throws IOException {
    byte[] buffer = new byte[16_384];
    int length = 0;
    while (length < buffer.length) {
      int read = socket.getInputStream().read(buffer, length, buffer.length - length);
      if (read < 0) {
        break;
      }
      length += read;
      if (new String(buffer, 0, length, StandardCharsets.ISO_8859_1).contains("\r\n\r\n")) {
        break;
      }
    }
    return new String(Arrays.copyOf(buffer, length), StandardCharsets.ISO_8859_1);
  }

  RawHttp within(int millis) throws IOException {
    socket.setSoTimeout(millis);
    return this;
  }

  /** Gives the server the time to begin with the request. */
  RawHttp settle() {
    LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    return this;
  }

  int status() throws IOException {
    String answer = answer();
    return answer.startsWith("HTTP/1.1 ") ? Integer.parseInt(answer.substring(9, 12)) : 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
