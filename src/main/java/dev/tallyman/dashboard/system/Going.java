package dev.tallyman.dashboard.system;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Exactly these are asked about and removed.
 *
 * @param items at most {@link #MOST}; when more could go, these are the first of them
 * @param bytes that their removal gives back
 */
record Going(List<Item> items, long bytes) {
  /** With 71 letters each they stay below what a field of a form may hold. */
  static final int MOST = 5000;

  /** Names that a question lists; more are counted, and each row of the table that would go is marked. */
  private static final int NAMED = 12;

  /** @param key by which it is removed; @param name by which people know it */
  record Item(String key, String name) {}

  Going {
    items = List.copyOf(items);
  }

  public int count() {
    return items.size();
  }

  /** The value of a form's field; names and ids have no blanks. */
  public String field() {
    return items.stream().map(Item::key).collect(Collectors.joining(" "));
  }

  public String told() {
    String first = items.stream().limit(NAMED).map(Item::name).collect(Collectors.joining(", "));
    return items.size() > NAMED ? first + " … (+" + (items.size() - NAMED) + ")" : first;
  }
}
