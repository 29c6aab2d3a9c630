package dev.tallyman.engine.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All operations by method and path. A path is plain, or has one variable: {@code /containers/{id}/json}; a variable named {@code {name}}
 * may hold slashes, as references of images do, and so may that of a container, as links name it ({@code OWNER/ALIAS}).
 */
public final class EndpointTable {
  /** How the body of a request is taken. */
  enum Intake {
    /** Read whole (bounded) before the endpoint runs. */
    BYTES,
    /** Read by the endpoint as it comes. */
    STREAM,
    /** Not touched: the request becomes something else. */
    NONE
  }

  record Entry(Endpoint endpoint, Intake intake, boolean isOpen) {}

  record Match(Entry entry, String variable) {}

  private record Pattern(String method, String prefix, String suffix, boolean takesSlashes, Entry entry) {
    boolean matches(String asked, String path) {
      int length = path.length() - prefix.length() - suffix.length();
      return length > 0
          && method.equals(asked)
          && path.startsWith(prefix)
          && path.endsWith(suffix)
          && (takesSlashes || path.indexOf('/', prefix.length()) == (suffix.isEmpty() ? -1 : path.length() - suffix.length()));
    }

    String variableOf(String path) {
      return path.substring(prefix.length(), path.length() - suffix.length());
    }
  }

  private final Map<String, Entry> plain = new HashMap<>();
  private final Map<String, List<Pattern>> patterns = new HashMap<>();
  private final Set<String> heads = new HashSet<>();
  private final Set<String> operations = new TreeSet<>();

  public void get(String path, Endpoint endpoint) {
    add("GET", path, endpoint, Intake.BYTES, false);
  }

  public void head(String path, Endpoint endpoint) {
    add("HEAD", path, endpoint, Intake.BYTES, false);
  }

  public void post(String path, Endpoint endpoint) {
    add("POST", path, endpoint, Intake.BYTES, false);
  }

  public void put(String path, Endpoint endpoint) {
    add("PUT", path, endpoint, Intake.BYTES, false);
  }

  public void delete(String path, Endpoint endpoint) {
    add("DELETE", path, endpoint, Intake.BYTES, false);
  }

  /** An operation whose body is an archive, read through {@link Exchange#bodyStream()}. */
  public void upload(String method, String path, Endpoint endpoint) {
    add(method, path, endpoint, Intake.STREAM, false);
  }

  /** An operation that turns the request into a web socket. */
  public void webSocket(String path, Endpoint endpoint) {
    add("GET", path, endpoint, Intake.NONE, false);
  }

  /** An operation that turns the connection of the request into something else. */
  public void upgrade(String method, String path, Endpoint endpoint) {
    add(method, path, endpoint, Intake.NONE, false);
  }

  /** An operation for which nobody is asked who they are. It runs on the event loop and must not block: clients ask such before every command. */
  public void open(String method, String path, Endpoint endpoint) {
    add(method, path, endpoint, Intake.BYTES, true);
  }

  private void add(String method, String path, Endpoint endpoint, Intake intake, boolean isOpen) {
    Entry entry = new Entry(endpoint, intake, isOpen);
    heads.add(head(path));
    operations.add(method + " " + path);
    int open = path.indexOf('{');
    if (open < 0) {
      if (plain.putIfAbsent(method + path, entry) != null) {
        throw new IllegalStateException("two endpoints for " + method + " " + path);
      }
      return;
    }
    int close = path.indexOf('}');
    Pattern pattern = new Pattern(method, path.substring(0, open), path.substring(close + 1), path.startsWith("{name}", open) || path.startsWith("/containers/"), entry);
    patterns.computeIfAbsent(head(path), key -> new ArrayList<>()).add(pattern);
  }

  /** @param path without version, still percent-encoded */
  @Nullable Match find(String method, String path) {
    Entry exact = plain.get(method + path);
    if (exact != null) {
      return new Match(exact, "");
    }
    Pattern best = null;
    for (Pattern each : patterns.getOrDefault(head(path), List.of())) {
      if (each.matches(method, path) && (best == null || each.suffix.length() > best.suffix.length())) {
        best = each;
      }
    }
    return best == null ? null : new Match(best.entry, decode(best.variableOf(path)));
  }

  /** All of them, e.g. {@code GET /containers/{id}/json}. */
  Set<String> operations() {
    return Collections.unmodifiableSet(operations);
  }

  /** True if some operation begins with the same first segment. */
  boolean knowsHead(String path) {
    return heads.contains(head(path));
  }

  private static String head(String path) {
    int slash = path.indexOf('/', 1);
    return slash < 0 ? path : path.substring(0, slash);
  }

  private static String decode(String text) {
    return text.indexOf('%') < 0 ? text : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
