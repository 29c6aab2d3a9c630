package dev.tallyman.engine.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSyntaxTest {
  /** The right column is what Go 1.24's encoding/json said. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{invalid json|invalid character 'i' looking for beginning of object key string",
        "x|invalid character 'x' looking for beginning of value",
        "{\"a\":}|invalid character '}' looking for beginning of value",
        "{\"a\" 1}|invalid character '1' after object key",
        "{\"a\":1 \"b\"}|invalid character '\"' after object key:value pair",
        "{\"a\":1,}|invalid character '}' looking for beginning of object key string",
        "[1 2]|invalid character '2' after array element",
        "[1,]|invalid character ']' looking for beginning of value",
        "{\"a\":tru}|invalid character '}' in literal true (expecting 'e')",
        "{\"a\":nil}|invalid character 'i' in literal null (expecting 'u')",
        "[01]|invalid character '1' after array element",
        "[-x]|invalid character 'x' in numeric literal",
        "[1.]|invalid character ']' after decimal point in numeric literal",
        "[1e+]|invalid character ']' in exponent of numeric literal",
        "[1.5e-3x]|invalid character 'x' after array element",
        "[\"\\q\"]|invalid character 'q' in string escape code",
        "[\"\\u12g4\"]|invalid character 'g' in \\u hexadecimal character escape",
        "[\"a\tb\"]|invalid character '\\t' in string literal",
        "{'a':1}|invalid character '\\'' looking for beginning of object key string",
        "{|unexpected EOF",
        "{\"a\":|unexpected EOF",
        "{\"a\":\"b|unexpected EOF",
        "[1,2|unexpected EOF",
        "tr|unexpected EOF",
        "[-|unexpected EOF",
      })
  void speaksAsGo(String json, String fault) {
    assertEquals(fault, JsonSyntax.fault(bytes(json), "unexpected EOF"));
  }

  @Test
  void quotesWhatCannotBePrinted() {
    assertEquals("invalid character '\\x00' looking for beginning of value", JsonSyntax.fault(new byte[] {0}, ""));
    assertEquals("invalid character '\\x7f' looking for beginning of value", JsonSyntax.fault(new byte[] {0x7f}, ""));
    assertEquals("invalid character 'ÿ' looking for beginning of value", JsonSyntax.fault(new byte[] {(byte) 0xff}, ""));
    assertEquals("invalid character '\\u0085' looking for beginning of value", JsonSyntax.fault(new byte[] {(byte) 0x85}, ""));
    assertEquals("invalid character '\\n' in string literal", JsonSyntax.fault(bytes("\"\n\""), ""));
    assertEquals("invalid character '\\\\' after array element", JsonSyntax.fault(bytes("[1\\]"), ""));
  }

  @Test
  void findsNoFaultInWhatIsWhole() {
    assertNull(JsonSyntax.fault(bytes(" {\"a\":[1,-0.5e3,true,false,null,\"\\u00e4\\n\",{}],\"b\":[]} x"), ""));
  }

  /** The limit is Go's: a stack of the JVM's usual size holds fewer calls than that. */
  @Test
  void goesAsDeepAsGo() {
    assertNull(JsonSyntax.fault(bytes("[".repeat(10_000) + "]".repeat(10_000)), ""));
    assertNull(JsonSyntax.fault(bytes("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000)), ""));
    assertEquals("exceeded max depth", JsonSyntax.fault(bytes("[".repeat(1_000_000)), ""));
    assertEquals("exceeded max depth", JsonSyntax.fault(bytes("[{\"a\":".repeat(5_000) + "[]"), ""));
  }

  @Test
  void bodiesAndParametersEndDifferently() {
    assertEquals("invalid JSON: unexpected EOF", refusal("{\"a\""));
    assertEquals("invalid JSON: the request body is not valid JSON (line 1, column 11)", refusal("{\"a\":1,\"a\":2}"));
    assertEquals("x: unexpected end of JSON input", assertThrows(TallymanException.class, () -> Json.parse("[", "x")).getMessage());
  }

  private static String refusal(String json) {
    return String.valueOf(assertThrows(TallymanException.class, () -> Json.parse(bytes(json))).getMessage());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
