package dev.tallyman.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** Docker's field of this name: the first size of a terminal in characters, height before width; zeros where nobody says. */
public record ConsoleSize(int rows, int columns) {
  private static final String NAME = "ConsoleSize";

  /** @throws TallymanException INVALID unless it is absent or two whole numbers */
  public static ConsoleSize read(JsonFields fields) {
    JsonNode size = fields.any(NAME);
    if (size == null) {
      return new ConsoleSize(0, 0);
    }
    if (!size.isArray() || size.size() != 2 || !isLength(size.get(0)) || !isLength(size.get(1))) {
      throw new TallymanException(ErrorKind.INVALID, "invalid JSON: " + fields.name(NAME) + " must be an array of two whole numbers, height and width");
    }
    return new ConsoleSize(size.get(0).intValue(), size.get(1).intValue());
  }

  private static boolean isLength(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0;
  }
}
