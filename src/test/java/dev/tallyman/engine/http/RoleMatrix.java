package dev.tallyman.engine.http;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The table {@code roles/matrix.txt}, and the operations that there are. */
final class RoleMatrix {
  /** Columns of the table. */
  enum Subject {
    /** An administrator of the objects' team. */
    ADMIN,
    /** The member who made the objects. */
    OWNER,
    /** Another member of the same team. */
    MATE,
    VIEWER,
    /** A member of another team. */
    STRANGER,
    /** Without credentials. */
    NOBODY
  }

  /**
   * @param expected status for each subject; with a star where the answer also shows an object of the owner
   * @param setting what there is beside what the path names: {@code runs}, {@code container}, {@code image}
   */
  record Row(String operation, List<String> expected, String setting, String query, String body) {
    String method() {
      return operation.substring(0, operation.indexOf(' '));
    }

    String path() {
      return operation.substring(operation.indexOf(' ') + 1);
    }

    /** Of one kind of object or of several, so that somebody else's may be among them. */
    boolean isList() {
      return method().equals("GET") && !path().contains("{") && expected.toString().contains("*");
    }

    String text(List<String> statuses) {
      return String.join(" | ", operation, String.join(" ", statuses), setting, query, body).strip();
    }
  }

  private RoleMatrix() {}

  static Map<String, Row> read() {
    try (InputStream in = RoleMatrix.class.getResourceAsStream("/roles/matrix.txt")) {
      Map<String, Row> rows = new LinkedHashMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(each -> !each.isBlank() && !each.startsWith("#")).forEach(line -> {
        String[] parts = line.split("\\|", 5);
        String operation = parts[0].strip();
        Row row = new Row(operation, List.of(parts[1].strip().split(" +")), part(parts, 2), part(parts, 3), part(parts, 4));
        if (rows.put(operation, row) != null) {
          throw new IllegalStateException("twice in the table: " + operation);
        }
      });
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String part(String[] parts, int index) {
    return parts.length > index ? parts[index].strip() : "";
  }

  /** Of the REST API, from its description, and of the Engine API, from its table. */
  static Set<String> operations(Iterable<EngineEndpoints> engine) {
    Set<String> all = new TreeSet<>();
    Map<String, Map<String, Object>> paths = given().accept(ContentType.JSON).get("/q/openapi?format=json").path("paths");
    paths.forEach(
        (path, methods) -> methods.keySet().stream().filter(method -> path.startsWith("/api/") && !method.equals("parameters")).forEach(method -> all.add(method.toUpperCase(Locale.ROOT) + " " + path)));
    EndpointTable table = new EndpointTable();
    engine.forEach(each -> each.register(table));
    all.addAll(table.operations());
    return all;
  }
}
