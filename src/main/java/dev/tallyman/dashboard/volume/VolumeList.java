package dev.tallyman.dashboard.volume;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What the list shows.
 *
 * @param rows those that match the query
 * @param all every volume of the team
 */
record VolumeList(List<VolumeRow> rows, List<VolumeRow> all, String query) {
  /** Names that a question lists; more are counted. */
  private static final int NAMED = 12;

  /** Of those that no container has. @param isAnonymousOnly those that somebody gave a name stay */
  Unused unused(boolean isAnonymousOnly) {
    return new Unused(
        all.stream().filter(row -> row.isUnused() && (row.volume().isAnonymous() || !isAnonymousOnly)).map(row -> row.volume().name()).toList());
  }

  public Unused anonymous() {
    return unused(true);
  }

  public Unused unused() {
    return unused(false);
  }

  /** Exactly these are asked about and removed. */
  record Unused(List<String> names) {
    public int count() {
      return names.size();
    }

    /** The value of a form's field; names have no blanks. */
    public String field() {
      return String.join(" ", names);
    }

    public String told() {
      String first = names.stream().limit(NAMED).map(name -> name.length() == 64 ? name.substring(0, 12) : name).collect(Collectors.joining(", "));
      return names.size() > NAMED ? first + " … (+" + (names.size() - NAMED) + ")" : first;
    }
  }
}
