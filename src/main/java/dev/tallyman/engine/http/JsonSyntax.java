package dev.tallyman.engine.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with JSON in the words of Go's encoding/json, which clients and their tests know. It reads what a parser has refused
 * already, so speed does not matter.
 */
final class JsonSyntax {
  /** Go's own limit of nesting. */
  private static final int DEEPEST = 10_000;

  private static final String KEY = "looking for beginning of object key string";
  private static final String VALUE = "looking for beginning of value";

  private final byte[] bytes;
  private final String atEnd;
  /** What is to close, the outermost first. */
  private final StringBuilder open = new StringBuilder();

  private int position;

  private JsonSyntax(byte[] bytes, String atEnd) {
    this.bytes = bytes;
    this.atEnd = atEnd;
  }

  /**
   * The first fault of a value's syntax.
   *
   * @param atEnd what to say of a value that is not whole
   * @return absent where Go's grammar finds none: names that are there twice, text that is no UTF-8
   */
  static @Nullable String fault(byte[] bytes, String atEnd) {
    try {
      new JsonSyntax(bytes, atEnd).value();
      return null;
    } catch (Fault fault) {
      return fault.getMessage();
    }
  }

  /** However deep it goes: calls within calls would need more stack than a thread may have. */
  private void value() throws Fault {
    do {
      if (!opens()) {
        closes();
      }
    } while (!open.isEmpty());
  }

  /**
   * Reads what a value begins with, and the value itself where no other value is in it.
   *
   * @return whether a value within it comes next
   */
  private boolean opens() throws Fault {
    blanks();
    int first = next();
    switch (first) {
      case '{' -> {
        return opens('}');
      }
      case '[' -> {
        return opens(']');
      }
      case '"' -> text();
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      case '-' -> number(next(), "in numeric literal");
      default -> number(first, VALUE);
    }
    return false;
  }

  private boolean opens(char close) throws Fault {
    if (open.length() == DEEPEST) {
      throw new Fault("exceeded max depth");
    }
    blanks();
    if (skip(close)) {
      return false;
    }
    open.append(close);
    key();
    return true;
  }

  /** Reads what follows a value, to where the next one begins or the outermost one ends. */
  private void closes() throws Fault {
    while (!open.isEmpty()) {
      blanks();
      if (skip(',')) {
        key();
        return;
      }
      require(innermost(), innermost() == '}' ? "after object key:value pair" : "after array element");
      open.setLength(open.length() - 1);
    }
  }

  /** Reads the name of an object's value, with its colon. */
  private void key() throws Fault {
    if (innermost() != '}') {
      return;
    }
    blanks();
    require('"', KEY);
    text();
    blanks();
    require(':', "after object key");
  }

  private char innermost() {
    return open.charAt(open.length() - 1);
  }

  private void text() throws Fault {
    for (int each = next(); each != '"'; each = next()) {
      if (each < 0x20) {
        throw unexpected(each, "in string literal");
      }
      if (each == '\\') {
        escape();
      }
    }
  }

  private void escape() throws Fault {
    int kind = next();
    if ("bfnrt\\/\"".indexOf(kind) >= 0) {
      return;
    }
    if (kind != 'u') {
      throw unexpected(kind, "in string escape code");
    }
    for (int digits = 0; digits < 4; digits++) {
      int digit = next();
      if (Character.digit(digit, 16) < 0) {
        throw unexpected(digit, "in \\u hexadecimal character escape");
      }
    }
  }

  private void literal(String word) throws Fault {
    for (int index = 1; index < word.length(); index++) {
      require(word.charAt(index), "in literal " + word + " (expecting '" + word.charAt(index) + "')");
    }
  }

  /** What follows a whole number is judged by what it is a part of. */
  private void number(int first, String where) throws Fault {
    if (!isDigit(first)) {
      throw unexpected(first, where);
    }
    if (first != '0') {
      digits();
    }
    if (skip('.')) {
      digit("after decimal point in numeric literal");
    }
    if (skip('e') || skip('E')) {
      if (!skip('+')) {
        skip('-');
      }
      digit("in exponent of numeric literal");
    }
  }

  /** At least one digit. */
  private void digit(String where) throws Fault {
    int first = next();
    if (!isDigit(first)) {
      throw unexpected(first, where);
    }
    digits();
  }

  private void digits() {
    while (position < bytes.length && isDigit(bytes[position])) {
      position++;
    }
  }

  private static boolean isDigit(int letter) {
    return letter >= '0' && letter <= '9';
  }

  private void blanks() {
    while (position < bytes.length && " \t\r\n".indexOf(bytes[position]) >= 0) {
      position++;
    }
  }

  private boolean skip(char wanted) {
    boolean isThere = position < bytes.length && bytes[position] == wanted;
    position += isThere ? 1 : 0;
    return isThere;
  }

  private void require(char wanted, String where) throws Fault {
    int found = next();
    if (found != wanted) {
      throw unexpected(found, where);
    }
  }

  private int next() throws Fault {
    if (position == bytes.length) {
      throw new Fault(atEnd);
    }
    return bytes[position++] & 0xff;
  }

  private static Fault unexpected(int letter, String where) {
    return new Fault("invalid character " + quoted(letter) + " " + where);
  }

  /** As Go's strconv writes a byte that it takes for a character. */
  private static String quoted(int letter) {
    return switch (letter) {
      case '\'' -> "'\\''";
      case '\\' -> "'\\\\'";
      case 7 -> "'\\a'";
      case '\b' -> "'\\b'";
      case '\f' -> "'\\f'";
      case '\n' -> "'\\n'";
      case '\r' -> "'\\r'";
      case '\t' -> "'\\t'";
      case 11 -> "'\\v'";
      case 0xa0, 0xad -> String.format(Locale.ROOT, "'\\u%04x'", letter);
      default -> {
        if (letter < 0x20 || letter == 0x7f) {
          yield String.format(Locale.ROOT, "'\\x%02x'", letter);
        }
        yield letter >= 0x80 && letter < 0xa0 ? String.format(Locale.ROOT, "'\\u%04x'", letter) : "'" + (char) letter + "'";
      }
    };
  }

  private static final class Fault extends Exception {
    private static final long serialVersionUID = 1;

    Fault(String message) {
      super(message, null, false, false);
    }
  }
}
