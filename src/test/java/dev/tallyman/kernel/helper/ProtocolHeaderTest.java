package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The C header is the single source of every number; the Java side must have the same ones, no more and no fewer. */
class ProtocolHeaderTest {
  private static final Path HEADER = Path.of("native-helper/include/tallyman_protocol.h");
  private static final Pattern DEFINE = Pattern.compile("^#define TM_(\\w+)\\s+(0x[0-9a-f]+|\\d+)\\b", Pattern.MULTILINE);
  private static final Pattern CONSTANT = Pattern.compile("^\\s*TM_(\\w+) = (\\d+)", Pattern.MULTILINE);

  private static Map<String, Long> header() throws IOException {
    String text = Files.readString(HEADER);
    Map<String, Long> all = new TreeMap<>();
    for (Pattern pattern : new Pattern[] {DEFINE, CONSTANT}) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        all.put(matcher.group(1), Long.decode(matcher.group(2)));
      }
    }
    return all;
  }

  private static Map<String, Long> java() throws IllegalAccessException {
    Map<String, Long> all = new TreeMap<>();
    for (Verb each : Verb.values()) {
      all.put("VERB_" + each.name(), (long) each.number());
    }
    for (Tag each : Tag.values()) {
      all.put("TAG_" + each.name(), (long) each.number());
    }
    for (Status each : Status.values()) {
      all.put(each == Status.OK ? "OK" : "E_" + each.name(), (long) each.number());
    }
    for (Field each : Protocol.class.getDeclaredFields()) {
      if (Modifier.isStatic(each.getModifiers()) && each.getType() == int.class) {
        all.put(each.getName(), Integer.toUnsignedLong(each.getInt(null)));
      }
    }
    return all;
  }

  @Test
  void javaHasTheNumbersOfTheHeader() throws IOException, IllegalAccessException {
    Map<String, Long> header = header();
    assertEquals(35, Verb.values().length, "the header was read");
    assertEquals(header.remove("VERB_LAST"), (long) Verb.values()[Verb.values().length - 1].number());
    assertEquals(header.remove("E_LAST"), (long) Status.values()[Status.values().length - 1].number());
    assertEquals(header.remove("TAG_LAST"), (long) Tag.values()[Tag.values().length - 1].number());
    assertEquals(header, java());
  }

  @Test
  void formsFollowTheRangesOfTheHeader() {
    for (Tag each : Tag.values()) {
      Tag.Form expected =
          each.number() < 16 ? Tag.Form.ID
          : each == Tag.MASKED_NONE ? Tag.Form.NUMBER
          : each.number() < 40 ? Tag.Form.TEXT
          : each.number() < 64 ? Tag.Form.NUMBER
          : each.number() < 80 ? Tag.Form.LONG
          : Tag.Form.RECORD;
      assertEquals(expected, each.form(), each.name());
      assertTrue(Tag.of(each.number()) == each);
    }
  }
}
