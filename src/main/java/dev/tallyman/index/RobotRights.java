package dev.tallyman.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.index.Robots.Right;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a robot may do.
 *
 * @param team the name of its team: the rights end there, whatever the names of repositories are
 * @param actions pull, and with it push and delete, by name of a repository; {@code *} stands for each of the team's, those to come too
 */
record RobotRights(String team, Map<String, Set<String>> actions) {
  static final String ALL = "*";

  /** They travel in the tokens of the Index, in a header. */
  private static final int MAX_REPOSITORIES = 20;

  private static final Set<String> ACTIONS = Set.of("pull", "push", "delete");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** @throws IndexException INVALID */
  static RobotRights of(String team, List<Right> wanted) {
    if (wanted.isEmpty() || wanted.size() > MAX_REPOSITORIES) {
      throw invalid("give 1 to " + MAX_REPOSITORIES + " repositories, or * for all of the team");
    }
    Map<String, Set<String>> actions = new TreeMap<>();
    for (Right each : wanted) {
      if (each == null || each.repository() == null || each.actions() == null || each.actions().stream().anyMatch(Objects::isNull)) {
        throw invalid("each has a repository and actions");
      }
      requireRepository(team, each.repository());
      if (!ACTIONS.containsAll(each.actions()) || !each.actions().contains("pull")) {
        throw invalid("actions are pull, and with it push and delete");
      }
      if (actions.put(each.repository(), new TreeSet<>(each.actions())) != null) {
        throw invalid(each.repository() + " is given twice");
      }
    }
    return new RobotRights(team, actions);
  }

  private static void requireRepository(String team, String name) {
    if (!name.equals(ALL) && (!Address.isName(name) || !Address.teamOf(name).equals(team))) {
      throw invalid("repositories are * or begin with the team, " + team + "/");
    }
  }

  static RobotRights parse(String team, String stored) {
    try {
      return new RobotRights(team, JSON.readValue(stored, new TypeReference<TreeMap<String, Set<String>>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the stored rights of a robot cannot be read", e);
    }
  }

  String stored() {
    try {
      return JSON.writeValueAsString(actions);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
  }

  boolean allow(String repository, String action) {
    return Address.teamOf(repository).equals(team) && (actions.getOrDefault(repository, Set.of()).contains(action) || actions.getOrDefault(ALL, Set.of()).contains(action));
  }

  List<Right> shown() {
    List<Right> shown = new ArrayList<>();
    actions.forEach((repository, may) -> shown.add(new Right(repository, inOrder(may))));
    return shown;
  }

  /** For the trail. */
  @Override
  public String toString() {
    return actions.entrySet().stream().map(each -> String.join(" ", inOrder(each.getValue())) + " " + each.getKey()).collect(Collectors.joining(", "));
  }

  private static List<String> inOrder(Set<String> actions) {
    return List.of("pull", "push", "delete").stream().filter(actions::contains).toList();
  }

  private static IndexException invalid(String why) {
    return IndexException.invalid("UNSUPPORTED", "these rights cannot be given: " + why);
  }
}
