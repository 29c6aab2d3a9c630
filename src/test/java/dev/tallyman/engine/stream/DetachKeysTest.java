package dev.tallyman.engine.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(ByteBuffer buffer) {
    assertNotNull(buffer);
    return StandardCharsets.ISO_8859_1.decode(buffer).toString();
  }

  @Test
  void defaultKeysDetachAlsoInTwoPieces() {
    DetachKeys keys = DetachKeys.parse("");

    assertEquals("ls\n", text(keys.filter(bytes("ls\n\u0010"))));
    assertNull(keys.filter(bytes("\u0011")));
  }

  @Test
  void keysThatOnlyBeginLikeThemArePassedOn() {
    DetachKeys keys = DetachKeys.parse("ctrl-p,ctrl-q");

    assertEquals("", text(keys.filter(bytes("\u0010"))));
    assertEquals("\u0010x", text(keys.filter(bytes("x"))));
    assertEquals("\u0010", text(keys.filter(bytes("\u0010\u0010"))));
    assertNull(keys.filter(bytes("\u0011")));
  }

  @Test
  void ownKeys() {
    assertNull(DetachKeys.parse("a,ctrl-]").filter(bytes("a\u001d")));
    assertThrows(TallymanException.class, () -> DetachKeys.parse("ctrl-1"));
    assertThrows(TallymanException.class, () -> DetachKeys.parse("a,"));
  }
}
