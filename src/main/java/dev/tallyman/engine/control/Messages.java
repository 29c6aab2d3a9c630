package dev.tallyman.engine.control;

import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.util.Map;

/** Parts that several messages have. */
final class Messages {
  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int MOST_ENTRIES = 1000;

  private Messages() {}

  /** One entry of a map of texts; a later one of the same key wins. */
  static void entry(ProtoReader entry, Map<String, String> into) throws IOException {
    String key = "";
    String value = "";
    for (int field = entry.next(); field != 0; field = entry.next()) {
      switch (field) {
        case KEY -> key = entry.text();
        case VALUE -> value = entry.text();
        default -> entry.skip();
      }
    }
    into.put(key, value);
    if (into.size() > MOST_ENTRIES) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "a request has more than " + MOST_ENTRIES + " options");
    }
  }

  static void entries(ProtoWriter message, int field, Map<String, String> map) {
    map.forEach((key, value) -> message.message(field, new ProtoWriter().text(KEY, key).text(VALUE, value)));
  }

  /** Refuses a part that has something in it. @param what it is called for people */
  static void refuseUnlessEmpty(ProtoReader part, String what) throws IOException {
    if (part.next() != 0) {
      throw unsupported(what);
    }
  }

  static TallymanException unsupported(String what) {
    return new TallymanException(ErrorKind.UNSUPPORTED, what + " not supported by this server");
  }

  static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
