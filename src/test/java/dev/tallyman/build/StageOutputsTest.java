package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.distribution.TransferProgress;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageOutputsTest {
  private final StringBuilder heard = new StringBuilder();
  private final StageOutputs outputs = new StageOutputs(new Heard(), List.of(0, 2, 3));

  /** What a client gets. */
  private final class Heard implements BuildOutput, TransferProgress {
    @Override
    public void text(String text) {
      heard.append(text);
    }

    @Override
    public void made(String image) {}

    @Override
    public TransferProgress transfer() {
      return this;
    }

    @Override
    public void line(String text) {
      heard.append(text).append('\n');
    }

    @Override
    public void status(String id, String status) {
      heard.append(status).append(';');
    }

    @Override
    public void bytes(String id, String status, long current, long total) {
      heard.append(current).append(';');
    }
  }

  @Test
  void stagesSpeakOneAfterTheOther() {
    outputs.of(2).step(2, 3, "FROM b");
    outputs.of(0).step(1, 3, "FROM a");
    outputs.of(2).reused();
    outputs.ended(2);
    outputs.of(3).transfer().status("x", "Pulling");
    outputs.of(3).transfer().bytes("x", "Downloading", 7, 8);
    outputs.of(0).text("hello\n");
    assertEquals("Step 1/3 : FROM a\nhello\n", heard.toString());

    outputs.ended(0);

    assertEquals("Step 1/3 : FROM a\nhello\nStep 2/3 : FROM b\n ---> Using cache\nPulling;", heard.toString());
    outputs.of(3).transfer().bytes("x", "Downloading", 8, 8);
    assertTrue(heard.toString().endsWith("Pulling;8;"));
  }

  @Test
  void whatFailedIsSaidLast() {
    outputs.of(0).text("zero\n");
    outputs.of(2).text("the reason\n");
    outputs.of(3).text("three\n");

    outputs.failed(2);

    assertEquals("zero\nthree\nthe reason\n", heard.toString());
  }

  @Test
  void nothingIsLostWhenTooMuchWaits() {
    String block = "x".repeat(1 << 20);
    for (int i = 0; i < 5; i++) {
      outputs.of(3).text(block);
    }

    assertEquals(5 << 20, heard.length());
    outputs.of(2).text("still waits");
    assertEquals(5 << 20, heard.length());
  }
}
