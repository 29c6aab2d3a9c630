package dev.tallyman.dashboard.repository;

import dev.tallyman.index.Robots.NewSecret;
import dev.tallyman.index.Robots.Robot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the page of robots shows.
 *
 * @param secret one that was made just now; part of this answer and of nothing else
 * @param form as it was typed
 * @param error why it was refused, in the reader's language
 * @param names of repositories to choose from
 * @param maxDays the longest life of a secret; 0 = any, and without an end, too
 */
record RobotList(List<Robot> robots, @Nullable NewSecret secret, Form form, @Nullable String error, List<String> names, int maxDays) {
  private static final int USUAL_DAYS = 90;

  record Form(String team, String name, String description, RightsForm rights) {}

  /** Lives to choose from, in days; 0 = without an end. */
  public List<Integer> lives() {
    List<Integer> lives = new ArrayList<>(Stream.of(7, 30, USUAL_DAYS, 365).filter(each -> maxDays == 0 || each <= maxDays).toList());
    if (lives.isEmpty()) {
      lives.add(maxDays);
    }
    if (maxDays == 0) {
      lives.add(0);
    }
    return lives;
  }

  /** The one that is chosen at first. */
  public int usualLife() {
    return lives().contains(USUAL_DAYS) ? USUAL_DAYS : lives().get(lives().size() - 1);
  }
}
