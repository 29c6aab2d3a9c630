package dev.tallyman.dashboard.container;

import dev.tallyman.kernel.Sandboxes.FileRow;
import java.util.Comparator;
import java.util.List;

/** A line of the list of files. @param path of the file itself, without a last slash */
record FileLine(FileRow row, String path) {
  private static final String LETTERS = "rwxrwxrwx";
  private static final String SPECIAL = "sst";

  /** Directories first, then by name. */
  static List<FileLine> all(Folder folder, List<FileRow> rows) {
    return rows.stream().sorted(Comparator.comparing(FileRow::isDirectory).reversed().thenComparing(FileRow::name)).map(row -> new FileLine(row, folder.child(row.name()))).toList();
  }

  /** A link may lead to a directory: a click shows what is there. */
  public boolean opens() {
    return row.isDirectory() || row.isLink();
  }

  public boolean canBeTaken() {
    return row.isDirectory() || row.isRegular();
  }

  /** As ls -l writes it. */
  public String mode() {
    StringBuilder text = new StringBuilder().append(kind());
    for (int i = 0; i < LETTERS.length(); i++) {
      text.append((row.mode() & 0400 >> i) == 0 ? '-' : LETTERS.charAt(i));
    }
    for (int i = 0; i < SPECIAL.length(); i++) {
      if ((row.mode() & 04000 >> i) != 0) {
        int at = 3 + 3 * i;
        text.setCharAt(at, text.charAt(at) == 'x' ? SPECIAL.charAt(i) : Character.toUpperCase(SPECIAL.charAt(i)));
      }
    }
    return text.toString();
  }

  private char kind() {
    return switch (row.mode() & 0170000) {
      case 0040000 -> 'd';
      case 0120000 -> 'l';
      case 0060000 -> 'b';
      case 0020000 -> 'c';
      case 0010000 -> 'p';
      case 0140000 -> 's';
      default -> '-';
    };
  }

  public String owner() {
    return row.uid() + ":" + row.gid();
  }
}
