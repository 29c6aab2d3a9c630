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
 * @param maxDays the longest life of a secret; 0 = any, and without an end, too
 */
record RobotList(List<Robot> robots, @Nullable NewSecret secret, Form form, @Nullable String error, int maxDays) {
  private static final int USUAL_DAYS = 90;

  /** @param may pull, push (and pull) or delete (and both) */
  record Form(String team, String name, String description, String repositories, String may) {
    List<String> actions() {
      return switch (may) {
        case "delete" -> List.of("pull", "push", "delete");
        case "push" -> List.of("pull", "push");
        default -> List.of("pull");
      };
    }
  }

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
