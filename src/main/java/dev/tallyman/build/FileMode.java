package dev.tallyman.build;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --chmod} makes of the permission bits of a file: an octal number, or the words of chmod(1) such as {@code u=rwX,go-w}. */
final class FileMode {
  private static final Pattern OCTAL = Pattern.compile("0?[0-7]{1,4}");
  private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][rwxXst]*)+)");
  private static final Pattern ACTION = Pattern.compile("([-+=])([rwxXst]*)");
  private static final int ANY_EXECUTE = 0111;

  private final List<Change> changes = new ArrayList<>();

  /** @param who bits that may change; @param permissions letters */
  private record Change(int who, char operation, String permissions) {}

  private FileMode() {}

  /** @throws IllegalArgumentException with what is wrong */
  static FileMode parse(String text) {
    FileMode mode = new FileMode();
    if (OCTAL.matcher(text).matches()) {
      mode.changes.add(new Change(Integer.parseInt(text, 8), '#', ""));
      return mode;
    }
    for (String clause : text.split(",", -1)) {
      Matcher matcher = CLAUSE.matcher(clause);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("invalid chmod parameter: '" + text + "'. it should be octal string and between 0 and 07777, or like u=rwX,go-w");
      }
      Matcher action = ACTION.matcher(matcher.group(2));
      while (action.find()) {
        mode.changes.add(new Change(who(matcher.group(1)), action.group(1).charAt(0), action.group(2)));
      }
    }
    return mode;
  }

  private static int who(String letters) {
    int bits = 0;
    for (char each : (letters.isEmpty() ? "a" : letters).toCharArray()) {
      bits |= switch (each) {
        case 'u' -> 04700;
        case 'g' -> 02070;
        case 'o' -> 01007;
        default -> 07777;
      };
    }
    return bits;
  }

  int applied(int mode, boolean isDirectory) {
    int bits = mode;
    for (Change each : changes) {
      if (each.operation() == '#') {
        bits = each.who();
        continue;
      }
      int wanted = permissions(each, isDirectory || (bits & ANY_EXECUTE) != 0);
      bits = switch (each.operation()) {
        case '+' -> bits | wanted;
        case '-' -> bits & ~wanted;
        default -> bits & ~each.who() | wanted;
      };
    }
    return bits;
  }

  private static int permissions(Change change, boolean mayExecute) {
    int bits = 0;
    for (char each : change.permissions().toCharArray()) {
      bits |= switch (each) {
        case 'r' -> 0444;
        case 'w' -> 0222;
        case 'x' -> ANY_EXECUTE;
        case 'X' -> mayExecute ? ANY_EXECUTE : 0;
        case 's' -> 06000;
        default -> 01000;
      } & (each == 't' ? change.who() | 01000 : change.who());
    }
    return bits;
  }
}
