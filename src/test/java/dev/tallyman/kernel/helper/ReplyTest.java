package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.kernel.Sandboxes;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final String OTHER = "f".repeat(64);

  @Test
  void readsEveryFormOfField() {
    Reply reply =
        new PacketWriter(Verb.PROBE, 0).text(Tag.LAYER, ID).text(Tag.TEXT, "kernel 6.1\né").number(Tag.PID, -1).longNumber(Tag.BYTES, 5).raw(Tag.MAC.number(), 0, 6, new byte[6]).reply(Verb.PROBE);

    assertEquals(Status.OK, reply.status());
    assertEquals(ID, reply.text(Tag.LAYER));
    assertEquals("kernel 6.1\né", reply.text(Tag.TEXT));
    assertEquals(0xffffffffL, reply.number(Tag.PID));
    assertEquals(5, reply.number(Tag.BYTES));
    assertEquals(0, reply.number(Tag.COUNT));
    assertEquals("", reply.text(Tag.STEP));
    assertTrue(reply.first(Tag.MAC).isPresent());
  }

  @Test
  void refusesEveryTruncation() {
    byte[] whole = new PacketWriter(Verb.LAYER_LIST, 0).text(Tag.LAYER, ID).number(Tag.MORE, 1).bytes();

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(MalformedReplyException.class, () -> Reply.parse(cut, Verb.LAYER_LIST), "cut to " + length);
    }
    assertThrows(MalformedReplyException.class, () -> Reply.parse(Arrays.copyOf(whole, whole.length + 1), Verb.LAYER_LIST));
  }

  @Test
  void refusesForeignHeaders() {
    byte[] good = new PacketWriter(Verb.PROBE, 0).bytes();
    for (int i = 0; i < 8; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x40;
      assertThrows(MalformedReplyException.class, () -> Reply.parse(bad, Verb.PROBE));
    }
    assertThrows(MalformedReplyException.class, () -> Reply.parse(good, Verb.LAYER_LIST));
    assertThrows(MalformedReplyException.class, () -> new PacketWriter(Verb.PROBE, 13).reply(Verb.PROBE));
    assertThrows(MalformedReplyException.class, () -> new PacketWriter(Verb.PROBE, -1).reply(Verb.PROBE));
  }

  @Test
  void refusesMalformedFields() {
    int unknown = 1 + Arrays.stream(Tag.values()).mapToInt(Tag::number).max().orElseThrow();
    malformed(writer().raw(unknown, 0, 0));
    malformed(writer().raw(0xffff, 0, 0));
    malformed(writer().raw(Tag.TEXT.number(), 1, 0)); // filler
    malformed(writer().raw(Tag.TEXT.number(), 0, 5, new byte[4])); // longer than the packet
    malformed(writer().raw(Tag.TEXT.number(), 0, -1)); // huge
    malformed(writer().raw(Tag.TEXT.number(), 0, 1, (byte) 0xc3)); // not UTF-8
    malformed(writer().raw(Tag.PID.number(), 0, 3, new byte[3]));
    malformed(writer().raw(Tag.BYTES.number(), 0, 4, new byte[4]));
    malformed(writer().text(Tag.LAYER, "abc"));
  }

  private static PacketWriter writer() {
    return new PacketWriter(Verb.PROBE, 0);
  }

  private static void malformed(PacketWriter writer) {
    assertThrows(MalformedReplyException.class, () -> writer.reply(Verb.PROBE));
  }

  @Test
  void groupsTheContainersOfAList() {
    Reply reply =
        new PacketWriter(Verb.CONTAINER_LIST, 0)
            .text(Tag.CONTAINER, ID).number(Tag.RUNNING, 1).number(Tag.PID, 42).longNumber(Tag.STARTED_NS, 1_000_000_001L)
            .text(Tag.CONTAINER, OTHER).number(Tag.RUNNING, 0)
            .number(Tag.MORE, 1)
            .reply(Verb.CONTAINER_LIST);

    assertEquals(
        List.of(new Sandboxes.Known(ID, true, 42, Instant.ofEpochSecond(1, 1)), new Sandboxes.Known(OTHER, false, 0, Instant.EPOCH)), HelperSandboxes.known(reply));
  }
}
