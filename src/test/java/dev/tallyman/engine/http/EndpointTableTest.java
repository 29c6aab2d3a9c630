package dev.tallyman.engine.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EndpointTableTest {
  private final Endpoint list = exchange -> Answer.empty(200);
  private final Endpoint inspect = exchange -> Answer.empty(200);
  private final Endpoint save = exchange -> Answer.empty(200);
  private final Endpoint remove = exchange -> Answer.empty(200);
  private final EndpointTable table = new EndpointTable();

  {
    table.get("/containers/json", list);
    table.get("/containers/{id}/json", inspect);
    table.get("/networks/{id}", inspect);
    table.get("/images/{name}/get", save);
    table.delete("/images/{name}", remove);
  }

  private void assertFound(Endpoint expected, String variable, String method, String path) {
    EndpointTable.Match match = table.find(method, path);
    assertNotNull(match, path);
    assertSame(expected, match.entry().endpoint());
    assertEquals(variable, match.variable());
  }

  @Test
  void findsPlainPathsAndVariables() {
    assertFound(list, "", "GET", "/containers/json");
    assertFound(inspect, "web", "GET", "/containers/web/json");
    assertFound(inspect, "web/db", "GET", "/containers/web/db/json"); // as a link names it
    assertFound(inspect, "red", "GET", "/networks/red");
    assertFound(save, "example.org:5000/a/b:1", "GET", "/images/example.org:5000/a/b:1/get");
    assertFound(remove, "example.org/a", "DELETE", "/images/example.org%2Fa");
    assertFound(remove, "a+b", "DELETE", "/images/a+b");
  }

  @Test
  void findsNothingElse() {
    assertNull(table.find("POST", "/containers/json"));
    assertNull(table.find("GET", "/networks/a/b"));
    assertNull(table.find("GET", "/containers//json"));
    assertNull(table.find("DELETE", "/images/"));
    assertTrue(table.knowsHead("/containers/x"));
    assertFalse(table.knowsHead("/api/v1/containers"));
  }
}
