package dev.tallyman.dashboard.repository;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page of one robot shows.
 *
 * @param rights as they are, or as they were typed
 * @param names of repositories to choose from
 * @param error why what was typed was refused, in the reader's language
 */
record RobotView(String team, String name, String description, RightsForm rights, List<String> names, @Nullable String error) {
  public String login() {
    return team + "+" + name;
  }
}
