package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.kernel.Sandboxes.Change;
import dev.tallyman.kernel.Sandboxes.Exit;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsTest {
  @Test
  void readsAnExitRecord() {
    assertEquals(Optional.of(new Exit(137, 9, true, Instant.ofEpochSecond(1, 5), Instant.ofEpochSecond(2))), ExitRecord.parse("137 9 1 1000000005 2000000000\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "137 9 1 1000000005 2000000000", "137 9 1 10", "x 9 1 1 2\n", "1 2 3 4 5\n", "0 0 0 1 2 3\n", "-1 0 0 1 2\n"})
  void takesADamagedExitRecordForNone(String line) {
    assertEquals(Optional.empty(), ExitRecord.parse(line));
  }

  @Test
  void readsChangesWithAnyCharacterButNul() {
    assertEquals(List.of(new Change('A', "/a b"), new Change('D', "/new\nline"), new Change('C', "/")), Changes.parse("A /a b\0D /new\nline\0C /\0".getBytes(StandardCharsets.UTF_8)));
    assertThrows(MalformedReplyException.class, () -> Changes.parse("X /a\0".getBytes(StandardCharsets.UTF_8)));
    assertThrows(MalformedReplyException.class, () -> Changes.parse("A a\0".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void writesPortsAndLimitsAsTheHeaderSays() {
    assertEquals("06009a1f0100007f" + "50000000", HexFormat.of().formatHex(StartRequest.port(new SandboxSpec.Port("tcp", "127.0.0.1", 8090, 80))));
    assertEquals("1100ffff00000000" + "35000000", HexFormat.of().formatHex(StartRequest.port(new SandboxSpec.Port("udp", "0.0.0.0", 65535, 53))));
    assertEquals("0700000000000000" + "0004000000000000" + "ffffffffffffffff", HexFormat.of().formatHex(StartRequest.ulimit(new SandboxSpec.Ulimit(7, 1024, -1))));
  }

  @Test
  void refusesPortsThatAreNone() {
    assertThrows(KernelException.class, () -> StartRequest.port(new SandboxSpec.Port("sctp", "0.0.0.0", 1, 1)));
    assertThrows(KernelException.class, () -> StartRequest.port(new SandboxSpec.Port("tcp", "0.0.0.0", 0, 1)));
    assertThrows(KernelException.class, () -> StartRequest.port(new SandboxSpec.Port("tcp", "0.0.0.0", 1, 65536)));
  }

  @Test
  void readsAddresses() {
    assertEquals(0x0a580002L, Addresses.ipv4("10.88.0.2"));
    assertEquals(0xffffffffL, Addresses.ipv4("255.255.255.255"));
    assertArrayEquals(new byte[] {2, 0x42, 10, 88, 0, (byte) 0xff}, Addresses.mac("02:42:0a:58:00:FF"));
    for (String bad : List.of("", "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1", "1.2.3.4 ")) {
      assertThrows(KernelException.class, () -> Addresses.ipv4(bad), bad);
    }
    for (String bad : List.of("", "02:42:0a:58:00", "02-42-0a-58-00-ff", "g2:42:0a:58:00:ff")) {
      assertThrows(KernelException.class, () -> Addresses.mac(bad), bad);
    }
  }

  @Test
  void readsFactsOfTheProbe() {
    assertEquals("6.1 x", HelperProbe.facts("kernel 6.1 x\nodd\ncgroup v2\n").get("kernel"));
    assertEquals(2, HelperProbe.facts("kernel 6.1 x\nodd\ncgroup v2\n").size());
  }
}
