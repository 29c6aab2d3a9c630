package dev.tallyman.dashboard.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8Test {
  @Test
  void joinsCharactersThatWereCut() {
    String text = "a é 中 😀 z";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      Utf8 decoder = new Utf8();

      String got = decoder.decode(ByteBuffer.wrap(bytes, 0, cut)) + decoder.decode(ByteBuffer.wrap(bytes, cut, bytes.length - cut));

      assertEquals(text, got, "cut at " + cut);
    }
  }

  @Test
  void showsWhatIsNoText() {
    Utf8 decoder = new Utf8();

    String got = decoder.decode(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff, 'b', (byte) 0xc3, '('}));

    assertEquals("a\ufffdb\ufffd(", got);
  }
}
