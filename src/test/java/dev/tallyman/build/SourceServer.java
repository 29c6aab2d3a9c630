package dev.tallyman.build;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of files on loopback, honest or not. */
public final class SourceServer implements AutoCloseable {
  /** Method, path and Authorization of every request. */
  public final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  public interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  public SourceServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", exchange -> {
      asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
      Answer answer = answers.get(exchange.getRequestURI().getPath());
      try (exchange) {
        if (answer == null) {
          exchange.sendResponseHeaders(404, -1);
        } else {
          answer.to(exchange);
        }
      }
    });
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  public void answer(String path, Answer answer) {
    answers.put(path, answer);
  }

  /** @param headers name, value, name, value … */
  public void serve(String path, byte[] body, String... headers) {
    answer(path, exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    });
  }

  public void serve(String path, String body, String... headers) {
    serve(path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  public void redirect(String path, String target) {
    answer(path, exchange -> {
      exchange.getResponseHeaders().set("Location", target);
      exchange.sendResponseHeaders(302, -1);
    });
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
