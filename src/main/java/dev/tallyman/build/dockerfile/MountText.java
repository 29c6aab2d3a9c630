package dev.tallyman.build.dockerfile;

import dev.tallyman.build.dockerfile.RunMount.Sharing;
import dev.tallyman.build.dockerfile.RunMount.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code type=cache,target=/root/.m2,…}, key by key in the order written: a key that depends on the type comes after it. */
final class MountText {
  private static final List<String> KEYS = List.of(
      "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid", "src", "dst", "destination", "ro", "rw",
      "readwrite", "env");

  private Type type = Type.BIND;
  private String from = "";
  private String source = "";
  private String target = "";
  private @Nullable Boolean isReadOnly;
  private long sizeBytes;
  private String id = "";
  private @Nullable Sharing sharing;
  private boolean isRequired;
  private @Nullable String env;
  private @Nullable Integer mode;
  private @Nullable Long uid;
  private @Nullable Long gid;

  private MountText() {}

  /** What can be said before variables have values. */
  static void check(String text) {
    for (String field : fields(text)) {
      int equals = field.indexOf('=');
      int dollar = field.indexOf('$', Math.max(equals, 0));
      if (equals >= 0 && field.substring(0, equals).equalsIgnoreCase("from") && dollar >= 0 && dollar != field.length() - 1) {
        throw new DockerfileException("'from' doesn't support variable expansion, define alias stage instead");
      }
    }
  }

  /** What is mounted from; it has no variables. Empty when nothing is said. */
  static String from(String text) {
    String from = "";
    for (String field : fields(text)) {
      if (field.regionMatches(true, 0, "from=", 0, "from=".length())) {
        from = field.substring("from=".length());
      }
    }
    return from;
  }

  static RunMount parse(String text, Expander expander) {
    MountText mount = new MountText();
    for (String field : fields(text)) {
      int equals = field.indexOf('=');
      String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
      if (equals < 0) {
        mount.setFlag(key, field);
      } else {
        mount.set(key, expander.word(field.substring(equals + 1)), field);
      }
    }
    return mount.finished();
  }

  private void setFlag(String key, String field) {
    switch (key) {
      case "readonly", "ro" -> isReadOnly = true;
      case "readwrite", "rw" -> isReadOnly = false;
      case "required" -> setRequired(key, "true");
      default -> throw new DockerfileException("invalid field '" + field + "' must be a key=value pair");
    }
  }

  private void set(String key, String value, String field) {
    switch (key) {
      case "type" -> type = one(Type.values(), value, "unsupported mount type ");
      case "from" -> from = value;
      case "source", "src" -> source = value;
      case "target", "dst", "destination" -> target = value;
      case "readonly", "ro" -> isReadOnly = Flags.bool(value, "invalid value for " + key + ": " + value);
      case "readwrite", "rw" -> isReadOnly = !Flags.bool(value, "invalid value for " + key + ": " + value);
      case "required" -> setRequired(key, value);
      case "size" -> {
        only(key, type == Type.TMPFS);
        sizeBytes = MountSize.bytes(value, key);
      }
      case "id" -> id = value;
      case "sharing" -> sharing = one(Sharing.values(), value, "unsupported sharing value ");
      case "mode" -> mode = (int) number(value, 8, Integer.MAX_VALUE, key);
      case "uid" -> uid = number(value, 10, 0xffffffffL, key);
      case "gid" -> gid = number(value, 10, 0xffffffffL, key);
      case "env" -> env = value;
      default -> throw new DockerfileException("unexpected key '" + key + "' in '" + field + "'" + Suggestion.of(key, KEYS));
    }
  }

  private void setRequired(String key, String value) {
    only(key, type == Type.SECRET || type == Type.SSH);
    isRequired = Flags.bool(value, "invalid value for " + key + ": " + value);
  }

  private void only(String key, boolean isKnown) {
    if (!isKnown) {
      throw new DockerfileException("unexpected key '" + key + "' for mount type '" + name(type) + "'");
    }
  }

  private RunMount finished() {
    boolean hasOwner = type == Type.SECRET || type == Type.SSH || type == Type.CACHE;
    refuseIf(!hasOwner && mode != null, "mode not allowed for \"" + name(type) + "\" type mounts");
    refuseIf(!hasOwner && uid != null, "uid not allowed for \"" + name(type) + "\" type mounts");
    refuseIf(!hasOwner && gid != null, "gid not allowed for \"" + name(type) + "\" type mounts");
    if (type == Type.SECRET) {
      refuseIf(!from.isEmpty(), "secret mount should not have a from");
      refuseIf(sharing != null, "secret mount should not define sharing");
      refuseIf(source.isEmpty() && target.isEmpty() && id.isEmpty(), "invalid secret mount. one of source, target required");
      refuseIf(!source.isEmpty() && !id.isEmpty(), "both source and id can't be set");
    }
    refuseIf(sharing != null && type != Type.CACHE, "invalid cache sharing set for " + name(type) + " mount");
    boolean readOnly = isReadOnly != null ? isReadOnly : type != Type.CACHE && type != Type.TMPFS;
    return new RunMount(type, from, source, target, readOnly, sizeBytes, id, sharing, isRequired, env, mode, uid, gid);
  }

  private static void refuseIf(boolean isWrong, String reason) {
    if (isWrong) {
      throw new DockerfileException(reason);
    }
  }

  private static <E extends Enum<E>> E one(E[] all, String value, String refusal) {
    List<String> names = new ArrayList<>();
    for (E each : all) {
      names.add(name(each));
      if (name(each).equals(value.toLowerCase(Locale.ROOT))) {
        return each;
      }
    }
    throw new DockerfileException(refusal + Quoting.quoted(value) + Suggestion.of(value, names));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static long number(String value, int radix, long most, String key) {
    try {
      long number = value.startsWith("+") || value.startsWith("-") ? -1 : Long.parseLong(value, radix);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException refused) {
      // Answered below, as a number out of range is.
    }
    throw new DockerfileException("invalid value " + value + " for " + key);
  }

  /** Fields of one line of comma-separated values, where a field in double quotes may have commas, and two quotes stand for one. */
  static List<String> fields(String text) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (true) {
      StringBuilder field = new StringBuilder();
      at = text.startsWith("\"", at) ? quotedField(text, at + 1, field) : plainField(text, at, field);
      fields.add(field.toString());
      if (at >= text.length()) {
        return fields;
      }
      at++;
    }
  }

  private static int plainField(String text, int from, StringBuilder field) {
    int comma = text.indexOf(',', from);
    int end = comma < 0 ? text.length() : comma;
    field.append(text, from, end);
    refuseIf(field.indexOf("\"") >= 0, "failed to parse csv mounts: bare \" in non-quoted field in " + Quoting.quoted(text));
    return end;
  }

  private static int quotedField(String text, int from, StringBuilder field) {
    int at = from;
    while (true) {
      int quote = text.indexOf('"', at);
      refuseIf(quote < 0, "failed to parse csv mounts: a quoted field does not end in " + Quoting.quoted(text));
      field.append(text, at, quote);
      at = quote + 1;
      if (!text.startsWith("\"", at)) {
        refuseIf(at < text.length() && text.charAt(at) != ',', "failed to parse csv mounts: extraneous \" in field in " + Quoting.quoted(text));
        return at;
      }
      field.append('"');
      at++;
    }
  }
}
