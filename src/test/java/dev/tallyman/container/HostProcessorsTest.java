package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import org.junit.jupiter.api.Test;

class HostProcessorsTest {
  private static String refused(String requested, String available) {
    return String.valueOf(assertThrows(TallymanException.class, () -> HostProcessors.require("CPUs", requested, available)).getMessage());
  }

  @Test
  void saysAsDockerdWhatIsThere() {
    assertEquals("Requested CPUs are not available - requested 9, available: 0-1", refused("9", "0-1"));
    assertEquals("Requested CPUs are not available - requested 0-2, available: 0-1", refused("0-2", "0-1"));
    assertEquals("Requested CPUs are not available - requested 1, available: 0,2-3", refused("1", "0,2-3"));
  }

  @Test
  void takesWhatIsThere() {
    assertDoesNotThrow(() -> HostProcessors.require("CPUs", "1,0", "0-1"));
    assertDoesNotThrow(() -> HostProcessors.require("CPUs", "2-3,0", "0,2-3"));
  }
}
