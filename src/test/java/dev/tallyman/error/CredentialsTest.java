package dev.tallyman.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {
  @ParameterizedTest
  @CsvSource({
    "ADD https://user:secret@example.com/x /, ADD https://example.com/x /",
    "https://token@example.com, https://example.com",
    "https://user:a@b@example.com, https://example.com",
    "https://user:pa/ss@example.com/x, https://example.com/x",
    "https://user:pa?ss@example.com/x, https://example.com/x",
    "https://user:pa#ss@example.com/x, https://example.com/x",
    "https://user:12?ss@example.com/x, https://example.com/x",
    "https://user:12#ss@example.com/x, https://example.com/x",
    "https://user:/ss@example.com/x, https://example.com/x",
    "https://user:1234567/ss@example.com/x, https://example.com/x",
    "http://a:b/c@one.example http://d:e?f@two.example, http://one.example http://two.example",
  })
  void areTakenOutOfAddresses(String written, String shown) {
    assertEquals(shown, Credentials.removed(written));
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com/package@1.2", "https://example.com:8443/package@1.2", "https://example.com/x?mail=a@b.example", "https://example.com/#a@b", "mail me@example.com",
    "FROM busybox@sha256:0123", "https://[::1]:8080/package@1", "https://[::1]/package@1"
  })
  void nothingElseIs(String text) {
    assertEquals(text, Credentials.removed(text));
  }
}
