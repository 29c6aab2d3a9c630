package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinksTest {
  @Test
  void leadsBackToOurPages() {
    assertEquals("/ui/containers?show=running&q=a%20b", Links.local("/ui/containers?show=running&q=a%20b"));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "https://evil.example/", "//evil.example/", "/\\evil.example", "/ui", "javascript:alert(1)", "/ui/\r\nSet-Cookie: a=b", "/ui/\u4e2d", "/api/v1/me"})
  void leadsHomeFromEverythingElse(String path) {
    assertEquals(Links.HOME, Links.local(path));
  }
}
