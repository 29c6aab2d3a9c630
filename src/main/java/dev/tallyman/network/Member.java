package dev.tallyman.network;

import java.util.List;
import java.util.Map;

/**
 * A container as its networks know it.
 *
 * @param name of the container
 * @param names by which its neighbours on one network find it, its name included; lower case
 * @param links names that only it knows, and whom they mean
 */
public record Member(String container, String name, long team, List<String> names, Map<String, String> links) {
  public Member {
    names = List.copyOf(names);
    links = Map.copyOf(links);
  }

  /** Known by nothing but its address. */
  public static Member nameless(String container, String name, long team) {
    return new Member(container, name, team, List.of(), Map.of());
  }
}
