package dev.tallyman.engine.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiltersTest {
  @Test
  void readsBothForms() {
    assertEquals(Map.of("label", List.of("a=b", "c")), Filters.parse("{\"label\":[\"a=b\",\"c\"]}", List.of("label")).values());
    assertEquals(Map.of("label", List.of("a=b")), Filters.parse("{\"label\":{\"a=b\":true,\"c\":false}}", List.of("label")).values());
    assertEquals(Map.of(), Filters.parse("{}", List.of()).values());
    assertEquals(Map.of(), Filters.parse("", List.of()).values());
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertEquals("invalid filter 'x'", assertThrows(TallymanException.class, () -> Filters.parse("{\"x\":[\"a\"]}", List.of("label"))).getMessage());
    assertThrows(TallymanException.class, () -> Filters.parse("[1]", List.of()));
    assertThrows(TallymanException.class, () -> Filters.parse("{\"label\":[1]}", List.of("label")));
    assertThrows(TallymanException.class, () -> Filters.parse("{\"dangling\":[\"maybe\"]}", List.of("dangling")).flag("dangling"));
  }

  @Test
  void takesAnyNameWhereNoneAreListed() {
    assertEquals(Map.of("x", List.of("a")), Filters.parse("{\"x\":[\"a\"]}", null).values());
  }

  @Test
  void blamesTheParameterNotTheBody() {
    String message = assertThrows(TallymanException.class, () -> Filters.parse("{\"label\":", List.of("label"))).getMessage();

    assertEquals("invalid filters: unexpected end of JSON input", message);
  }
}
