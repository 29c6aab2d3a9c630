package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileModeTest {
  @ParameterizedTest
  @CsvSource(delimiter = ' ', value = {
    "755 0600 false 0755", "04711 0600 false 04711", "u+x 0644 false 0744", "+x 0644 false 0755", "go-rwx 0755 false 0700", "a=r 0755 false 0444", "u=rwX,go=rX 0600 false 0644",
    "u=rwX,go=rX 0700 false 0755", "u=rwX,go=rX 0600 true 0755", "u+s 0755 false 04755", "g+s 0755 false 02755", "+t 0777 true 01777", "o= 0777 false 0770", "u-w+x 0644 false 0544"
  })
  void makesOfAMode(String wish, String before, boolean isDirectory, String after) {
    assertEquals(Integer.parseInt(after, 8), FileMode.parse(wish).applied(Integer.parseInt(before, 8), isDirectory));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "77777", "u", "u+q", "x+r", "u+r,", ",", "u+r go-w", "-1"})
  void refuses(String wish) {
    assertThrows(IllegalArgumentException.class, () -> FileMode.parse(wish));
  }
}
