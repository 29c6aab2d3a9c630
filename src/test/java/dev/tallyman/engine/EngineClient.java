package dev.tallyman.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The Engine API as a client sees it on the unix socket: every byte of head and body. */
final class EngineClient {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path socket;
  private final String token;
  private final List<Call> calls = new CopyOnWriteArrayList<>();

  /** @param token empty = says nothing of who asks */
  EngineClient(Path socket, String token) {
    this.socket = socket;
    this.token = token;
  }

  /** An exchange whose head was answered. */
  record Call(String method, String path, int status) {}

  /** What was asked through this client so far. */
  List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Adds a call that a test made by other means. */
  void note(String method, String path, int status) {
    calls.add(new Call(method, path, status));
  }

  record Reply(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      try {
        return MAPPER.readTree(body);
      } catch (IOException e) {
        throw new IllegalStateException(text(), e);
      }
    }

    String message() {
      return json().path("message").asText();
    }
  }

  Reply get(String path) {
    return send("GET", path, null);
  }

  Reply post(String path, String json) {
    return send("POST", path, json);
  }

  Reply post(String path) {
    return send("POST", path, null);
  }

  Reply delete(String path) {
    return send("DELETE", path, null);
  }

  Reply send(String method, String path, String json) {
    return send(method, path, "application/json", json == null ? null : json.getBytes(StandardCharsets.UTF_8));
  }

  Reply send(String method, String path, String type, byte[] body) {
    try (Stream stream = open(method, path, "Connection: close\r\n" + (body == null ? "" : "Content-Type: " + type + "\r\n"), body)) {
      byte[] bytes = method.equals("HEAD") ? new byte[0] : stream.readAll();
      return new Reply(stream.status, stream.headers, bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** @param more header lines, each with its end */
  Stream open(String method, String path, String more, byte[] body) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    String head =
        method + " " + path + " HTTP/1.1\r\nHost: docker\r\n" + (token.isEmpty() ? "" : "X-Tallyman-Token: " + token + "\r\n") + more + (body == null && !method.equals("POST") ? "" : "Content-Length: " + (body == null ? 0 : body.length) + "\r\n") + "\r\n";
    write(channel, head.getBytes(StandardCharsets.US_ASCII));
    if (body != null) {
      write(channel, body);
    }
    Stream stream = new Stream(channel);
    note(method, path, stream.status);
    return stream;
  }

  Stream hijack(String path, String json) throws IOException {
    String type = json == null ? "" : "Content-Type: application/json\r\n";
    return open("POST", path, "Connection: Upgrade\r\nUpgrade: tcp\r\n" + type, json == null ? null : json.getBytes(StandardCharsets.UTF_8));
  }

  /** Not by a stream of the channel: that would share a lock with the reading one. */
  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** An open exchange: the head is read, the rest comes as it comes. */
  static final class Stream implements AutoCloseable {
    private final SocketChannel channel;
    private final InputStream in;
    final int status;
    final String reason;
    final Map<String, String> headers = new LinkedHashMap<>();
    private final boolean isChunked;
    private int left;

    Stream(SocketChannel channel) throws IOException {
      this.channel = channel;
      this.in = Channels.newInputStream(channel);
      String first = line();
      this.status = Integer.parseInt(first.split(" ")[1]);
      this.reason = first.substring(first.indexOf(' ', 9) + 1);
      String line;
      while (!(line = line()).isEmpty()) {
        headers.put(line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT), line.substring(line.indexOf(':') + 1).strip());
      }
      this.isChunked = "chunked".equals(headers.get("transfer-encoding"));
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      int next;
      while ((next = in.read()) != '\n') {
        if (next < 0) {
          throw new IOException("the connection ended within a head: " + line);
        }
        line.append((char) next);
      }
      return line.toString().stripTrailing();
    }

    void write(byte[] bytes) throws IOException {
      EngineClient.write(channel, bytes);
    }

    void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.UTF_8));
    }

    void endInput() throws IOException {
      channel.shutdownOutput();
    }

    /** Exactly so many bytes of the body. */
    byte[] read(int count) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      while (bytes.size() < count) {
        int next = next();
        if (next < 0) {
          throw new IOException("the body ended after " + bytes);
        }
        bytes.write(next);
      }
      return bytes.toByteArray();
    }

    String readLine() throws IOException {
      StringBuilder line = new StringBuilder();
      int next;
      while ((next = next()) != '\n') {
        if (next < 0) {
          return line.toString();
        }
        line.append((char) next);
      }
      return line.toString();
    }

    private int next() throws IOException {
      if (!isChunked) {
        return in.read();
      }
      if (left == 0) {
        left = Integer.parseInt(line(), 16);
        if (left == 0) {
          return -1;
        }
      }
      int next = in.read();
      if (--left == 0) {
        line();
      }
      return next;
    }

    byte[] readAll() throws IOException {
      if (!isChunked) {
        return in.readAllBytes();
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int size;
      while ((size = Integer.parseInt(line(), 16)) > 0) {
        bytes.write(in.readNBytes(size));
        line();
      }
      return bytes.toByteArray();
    }

    /** Reads frames to the end: standard output and standard error apart. */
    String[] readFrames() throws IOException {
      return split(readAll());
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  static String[] split(byte[] frames) {
    StringBuilder out = new StringBuilder();
    StringBuilder errors = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.wrap(frames);
    while (buffer.hasRemaining()) {
      int head = buffer.getInt();
      byte[] bytes = new byte[buffer.getInt()];
      buffer.get(bytes);
      (head == 0x01000000 ? out : errors).append(new String(bytes, StandardCharsets.UTF_8));
      if (head != 0x01000000 && head != 0x02000000) {
        throw new IllegalStateException("not a frame header: " + Integer.toHexString(head));
      }
    }
    return new String[] {out.toString(), errors.toString()};
  }
}
