package dev.tallyman.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class FakeKernelTest {
  @Test
  void splitsScriptsIntoTokens() {
    assertEquals(List.of("echo", "'a b'", ">&2", ";", "for", "i", "in", "1", "2", ";", "do", "echo", "$i", ";", "done"), FakeShell.tokens("echo 'a b' >&2; for i in 1 2; do echo $i; done"));
  }
}
