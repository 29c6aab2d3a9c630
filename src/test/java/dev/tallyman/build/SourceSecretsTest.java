package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceSecretsTest {
  private static SourceSecrets secrets(Map<String, String> values) {
    return new SourceSecrets(id -> values.containsKey(id) ? values.get(id).getBytes(StandardCharsets.UTF_8) : null);
  }

  private static String file(String address, Map<String, String> values) {
    return secrets(values).file(RemoteUrl.parse(address)).authorization();
  }

  private static String repository(String address, Map<String, String> values) {
    return secrets(values).repository(GitAddress.parse(address)).url().authorization();
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void filesHaveTheSecretOfTheirHost() {
    Map<String, String> values = Map.of("HTTP_AUTH_TOKEN_example.com", "t1\n", "HTTP_AUTH_HEADER_example.com:8443", "Custom h1", "HTTP_AUTH_TOKEN_example.com:8443", "t2");

    assertEquals("Bearer t1", file("https://example.com/x", values));
    assertEquals("Bearer t1", file("https://EXAMPLE.com/x", values));
    assertEquals("Custom h1", file("https://example.com:8443/x", values));
    assertNull(file("https://sub.example.com/x", values));
    assertNull(file("https://example.com.evil.example/x", values));
    assertNull(file("https://example.com:9000/x", values));
    assertEquals(basic("rita:pw"), file("https://rita:pw@example.com/x", values), "what was written goes before");
  }

  @Test
  void repositoriesHaveThatOfTheirHostOrOfAll() {
    Map<String, String> values = Map.of("GIT_AUTH_TOKEN", "t1", "GIT_AUTH_TOKEN.github.com", "t2", "GIT_AUTH_HEADER.own.example", "Custom h1", "GIT_AUTH_HEADER.github.com", "Custom h2");

    assertEquals(basic("x-access-token:t1"), repository("https://example.com/x.git#v1:dir", values));
    assertEquals("Custom h2", repository("https://github.com/x.git", values));
    assertEquals("Custom h1", repository("https://own.example/x.git", values));
    assertEquals(basic("rita:pw"), repository("https://rita:pw@github.com/x.git", values));
    GitAddress address = secrets(values).repository(GitAddress.parse("https://example.com/x.git#v1:dir"));
    assertEquals("v1 dir", address.ref() + " " + address.directory());
    assertFalse(address.toString().contains("t1"), address.toString());
  }

  @Test
  void isNotAskedForMoreThanItNeeds() {
    List<String> asked = new ArrayList<>();
    SourceSecrets asking = new SourceSecrets(id -> {
      asked.add(id);
      return null;
    });
    asking.file(RemoteUrl.parse("https://rita:pw@example.com/x"));
    asking.repository(GitAddress.parse("https://rita:pw@example.com/x.git"));
    assertEquals(List.of(), asked);
    assertNull(asking.file(RemoteUrl.parse("https://example.com/x")).authorization());
  }

  @Test
  void whatNoHeaderCanHaveIsRefusedAndNotRepeated() {
    for (String bad : List.of("a\r\nHost: other", "a\0b", "é", "", "  \n", "x".repeat(9000))) {
      TallymanException refusal = assertThrows(TallymanException.class, () -> file("https://example.com/x", Map.of("HTTP_AUTH_HEADER_example.com", bad)));
      assertEquals(ErrorKind.INVALID, refusal.kind());
      assertTrue(refusal.getMessage().contains("HTTP_AUTH_HEADER_example.com") && !refusal.getMessage().contains("other"), refusal.getMessage());
      assertThrows(TallymanException.class, () -> repository("https://example.com/x.git", Map.of("GIT_AUTH_TOKEN", bad)));
    }
  }
}
