package dev.tallyman.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestPathTest {
  @Test
  void takesPlainPaths() {
    for (String path : List.of("/", "/api/v1/me", "/v1.47/images/docker.io/library/busybox:1.36/json", "/images/a%2Fb@sha256:00/json", "/containers/web.1/top", "/v1.47/containers/a..b/json")) {
      assertEquals(Optional.empty(), RequestPath.fault(path), path);
    }
  }

  @Test
  void refusesPathsWithTwoReadings() {
    for (String path :
        List.of(
            "//api", "/api//v1", "/api/./v1", "/api/../q", "/api/..", "/.", "/api/%2e%2e/q", "/api/%2E/q", "/api;x=1/v1", "/api%3bx", "/a\\b", "/a%5cb", "/a%00", "/a%0d%0ab",
            "/%252e", "/a%", "/a%zz", "/a b", "/ü", "", "api", "*")) {
      assertTrue(RequestPath.fault(path).isPresent(), path);
    }
  }
}
