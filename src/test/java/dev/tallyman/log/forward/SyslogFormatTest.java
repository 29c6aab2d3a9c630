package dev.tallyman.log.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As dockerd 28 writes them. */
class SyslogFormatTest {
  private static final Instant AT = Instant.parse("2026-03-05T01:02:03.456789123Z");

  static Line line(String text, boolean isError) {
    return new Line(isError, AT.getEpochSecond() * 1_000_000_000L + AT.getNano(), text.getBytes(StandardCharsets.UTF_8), false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|''|<30>Mar  5 02:02:03 tag[7]: hé", "rfc3164|local7|<190>Mar  5 02:02:03 box tag[7]: hé", "rfc5424|kern|<6>1 2026-03-05T02:02:03+01:00 box tag 7 tag - hé",
        "rfc5424micro|23|<190>1 2026-03-05T02:02:03.456789+01:00 box tag 7 tag - hé"
      })
  void writesEachFormat(String name, String facility, String expected) {
    SyslogFormat format = new SyslogFormat(name, facility, "box", "tag", 7, ZoneId.of("Europe/Berlin"));

    assertEquals(expected, format.message(line("hé", false)));
  }

  @ParameterizedTest
  @CsvSource({"daemon, <27>", "'', <27>", "authpriv, <83>", "0, <3>"})
  void errorsAreErrors(String facility, String head) {
    assertEquals(head, new SyslogFormat("rfc5424", facility, "box", "tag", 7, ZoneId.of("UTC")).message(line("x", true)).substring(0, head.length()));
  }
}
