package dev.tallyman.dashboard.repository;

import dev.tallyman.index.Robots.Right;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rights of a robot as they are typed: a line for each repository, empty ones for more. */
record RightsForm(List<Line> lines) {
  /** As many as a robot may have. */
  private static final int MOST = 20;

  private static final int FEWEST = 3;

  /** @param may actions, parted by spaces */
  record Line(String repository, String may) {
    static final String USUAL = "pull push";

    List<String> actions() {
      return List.of(may.strip().split("\\s+"));
    }
  }

  static RightsForm empty() {
    return new RightsForm(List.of());
  }

  static RightsForm of(List<Right> rights) {
    return new RightsForm(rights.stream().map(each -> new Line(each.repository(), String.join(" ", each.actions()))).toList());
  }

  /** The two lists belong together; lines without a repository are none. */
  static RightsForm typed(@Nullable List<String> repositories, @Nullable List<String> may) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; repositories != null && i < repositories.size(); i++) {
      String repository = repositories.get(i).strip();
      if (!repository.isEmpty()) {
        lines.add(new Line(repository, may == null || i >= may.size() ? "" : may.get(i)));
      }
    }
    return new RightsForm(lines);
  }

  List<Right> rights() {
    return lines.stream().map(each -> new Right(each.repository(), each.actions())).toList();
  }

  /** With room for more. */
  public List<Line> shown() {
    List<Line> shown = new ArrayList<>(lines);
    while (shown.size() < FEWEST || shown.size() == lines.size() && shown.size() < MOST) {
      shown.add(new Line("", Line.USUAL));
    }
    return shown;
  }

  public int most() {
    return MOST;
  }
}
