package dev.tallyman.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
  @TempDir Path folder;

  private String id(String machineId, String name) throws IOException {
    return Machine.instanceId(Files.writeString(folder.resolve("machine-id"), machineId), name, "/var/lib/tallyman");
  }

  @Test
  void anIdThatWasNotMadeYetIsNone() throws IOException {
    String absent = Machine.instanceId(folder.resolve("none"), "a", "/var/lib/tallyman");

    assertEquals(absent, id("", "a"));
    assertEquals(absent, id("\n", "a"));
    assertEquals(absent, id("uninitialized\n", "a"));
    assertNotEquals(id("", "a"), id("", "b"), "machines are told apart by their names then");
    assertEquals(id("0123456789abcdef0123456789abcdef\n", "a"), id("0123456789abcdef0123456789abcdef\n", "b"));
  }
}
