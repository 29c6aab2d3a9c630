package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SandboxSpec;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestTest {
  private static final String ID = "0123456789abcdef".repeat(4);

  @Test
  void writesHeaderAndFieldsInLittleEndian() {
    byte[] packet = Request.of(Verb.CONTAINER_SIGNAL).text(Tag.ARG, "hé").number(Tag.SIGNAL, 9).longNumber(Tag.BYTES, 0x0102030405060708L).packet();

    String expected =
        "544c4c59" + "0100" + "0700" + "00000000" + "27000000" // magic, version, verb, status, 39 bytes
            + "1000" + "0000" + "03000000" + "68c3a9"
            + "2900" + "0000" + "04000000" + "09000000"
            + "4700" + "0000" + "08000000" + "0807060504030201";
    assertEquals(expected, HexFormat.of().formatHex(packet));
  }

  @Test
  void keepsTheOrderOfRepeatedFields() {
    byte[] packet = Request.of(Verb.CONTAINER_EXEC).texts(Tag.ARG, List.of("a", "b")).packet();

    assertArrayEquals(new byte[] {16, 0, 0, 0, 1, 0, 0, 0, 'a', 16, 0, 0, 0, 1, 0, 0, 0, 'b'}, java.util.Arrays.copyOfRange(packet, 16, packet.length));
  }

  @Test
  void refusesWhatIsNoId() {
    for (String bad : List.of("", "abc", ID.substring(1), ID + "0", ID.toUpperCase(java.util.Locale.ROOT), "../" + ID.substring(3), "g" + ID.substring(1), "é" + ID.substring(1))) {
      assertKind(ErrorKind.INVALID, () -> Request.of(Verb.LAYER_REMOVE).id(Tag.LAYER, bad));
    }
  }

  @Test
  void refusesNulInText() {
    assertKind(ErrorKind.INVALID, () -> Request.of(Verb.CONTAINER_EXEC).text(Tag.ARG, "a\0b"));
  }

  @Test
  void refusesNumbersThatDoNotFit() {
    assertKind(ErrorKind.INVALID, () -> Request.of(Verb.CONTAINER_START).number(Tag.PIDS_MAX, -1));
    assertKind(ErrorKind.INVALID, () -> Request.of(Verb.CONTAINER_START).number(Tag.PIDS_MAX, 1L << 32));
    assertKind(ErrorKind.INVALID, () -> Request.of(Verb.CONTAINER_START).longIfSet(Tag.MEMORY_MAX, -1));
    assertEquals(16 + 12, Request.of(Verb.CONTAINER_START).number(Tag.PIDS_MAX, 0xffffffffL).packet().length);
  }

  @Test
  void aLiftedLimitIsAZeroThatIsThere() {
    assertArrayEquals(
        Request.of(Verb.CONTAINER_LIMIT).number(Tag.PIDS_MAX, 0).longNumber(Tag.CPU_QUOTA, 0).packet(),
        StartRequest.limits(Request.of(Verb.CONTAINER_LIMIT), new SandboxSpec.Limits(0, 0, 0, -1, -1, 0, 0, "")).packet());
    assertEquals(16, StartRequest.limits(Request.of(Verb.CONTAINER_LIMIT), SandboxSpec.Limits.none()).packet().length);
  }

  @Test
  void leavesOutWhatIsNotSet() {
    assertEquals(16, Request.of(Verb.CONTAINER_START).textIfAny(Tag.USER, "").numberIfSet(Tag.ROWS, 0).longIfSet(Tag.MEMORY_MAX, 0).packet().length);
  }

  @Test
  void growsToTheLargestPacketAndNotBeyond() {
    String fits = "x".repeat(Protocol.PACKET_MAX_BYTES - Protocol.HEADER_BYTES - Protocol.FIELD_HEADER_BYTES);

    assertEquals(Protocol.PACKET_MAX_BYTES, Request.of(Verb.CONTAINER_EXEC).text(Tag.ARG, fits).packet().length);
    assertKind(ErrorKind.INVALID, () -> Request.of(Verb.CONTAINER_EXEC).text(Tag.ARG, fits + "x"));
    assertKind(ErrorKind.INVALID, () -> Request.of(Verb.CONTAINER_EXEC).text(Tag.ARG, fits).number(Tag.SIGNAL, 1));
  }

  @Test
  void growsByManySmallFields() {
    Request request = Request.of(Verb.CONTAINER_EXEC);
    for (int i = 0; i < 10_000; i++) {
      request.text(Tag.ENV, "A=" + i);
    }
    assertTrue(request.packet().length > 100_000);
  }

  @Test
  void refusesAFieldOfAnotherForm() {
    assertThrows(IllegalArgumentException.class, () -> Request.of(Verb.CONTAINER_START).text(Tag.SIGNAL, "9"));
    assertThrows(IllegalArgumentException.class, () -> Request.of(Verb.CONTAINER_START).number(Tag.ARG, 9));
    assertThrows(IllegalArgumentException.class, () -> Request.of(Verb.CONTAINER_START).longNumber(Tag.SIGNAL, 9));
    assertThrows(IllegalArgumentException.class, () -> Request.of(Verb.CONTAINER_START).record(Tag.ARG, new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> Request.of(Verb.CONTAINER_START).id(Tag.ARG, ID));
  }

  private static void assertKind(ErrorKind kind, org.junit.jupiter.api.function.Executable work) {
    assertEquals(kind, assertThrows(KernelException.class, work).kind());
  }
}
