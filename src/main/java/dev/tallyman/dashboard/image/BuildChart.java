package dev.tallyman.dashboard.image;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A build drawn: a lane for each stage, its steps as bars over the time, and a line from each stage to those that need it.
 *
 * @param width of the drawing, in its own units; {@code height} likewise
 */
public record BuildChart(int width, int height, List<Lane> lanes, List<String> edges) {
  private static final int WIDTH = 900;
  private static final int LABEL_WIDTH = 200;
  private static final int LANE_HEIGHT = 34;
  private static final int BAR_HEIGHT = 18;
  private static final int NARROWEST = 2;
  private static final int LONGEST_LABEL = 24;

  /** @param y of its middle; @param label number and name */
  public record Lane(int y, String label, List<Bar> bars) {}

  /** @param look class of the style: made, cached, failed, stopped or running; @param title what one sees when pointing at it */
  public record Bar(int x, int y, int width, int height, String look, String title) {}

  static BuildChart of(BuildRecord build, Instant now) {
    Instant end = build.endedAt() == null ? now : build.endedAt();
    long whole = Math.max(1, Duration.between(build.startedAt(), end).toMillis());
    List<Lane> lanes = new ArrayList<>();
    Map<Integer, Lane> byStage = new HashMap<>();
    for (StageRecord stage : build.stages()) {
      int y = LANE_HEIGHT * lanes.size() + LANE_HEIGHT / 2;
      List<Bar> bars = stage.steps().stream().map(step -> bar(step, build, end, whole, y)).toList();
      Lane lane = new Lane(y, label(stage), bars);
      lanes.add(lane);
      byStage.put(stage.index(), lane);
    }
    List<String> edges = new ArrayList<>();
    for (StageRecord stage : build.stages()) {
      for (int each : stage.needs()) {
        edge(byStage.get(each), byStage.get(stage.index())).ifPresent(edges::add);
      }
    }
    return new BuildChart(WIDTH, LANE_HEIGHT * lanes.size(), lanes, edges);
  }

  private static String label(StageRecord stage) {
    String label = stage.index() + (stage.name().isEmpty() ? "" : " " + stage.name());
    return label.length() > LONGEST_LABEL ? label.substring(0, LONGEST_LABEL - 1) + "…" : label;
  }

  private static Bar bar(StepRecord step, BuildRecord build, Instant end, long whole, int y) {
    int from = place(Duration.between(build.startedAt(), step.startedAt()).toMillis(), whole);
    int to = place(Duration.between(build.startedAt(), step.endedAt() == null ? end : step.endedAt()).toMillis(), whole);
    return new Bar(from, y - BAR_HEIGHT / 2, Math.max(NARROWEST, to - from), BAR_HEIGHT, look(step, build), step.text() + " · " + took(step.startedAt(), step.endedAt() == null ? end : step.endedAt()));
  }

  private static int place(long millis, long whole) {
    long within = Math.max(0, Math.min(millis, whole));
    return LABEL_WIDTH + (int) ((WIDTH - LABEL_WIDTH - NARROWEST) * within / whole);
  }

  static String look(StepRecord step, BuildRecord build) {
    if (step.endedAt() == null) {
      return step.isFailed() ? "failed" : build.outcome() == Outcome.RUNNING ? "running" : "stopped";
    }
    return step.isCached() ? "cached" : "made";
  }

  /** From the end of what is needed to the beginning of what needs it. */
  private static Optional<String> edge(@Nullable Lane from, @Nullable Lane to) {
    if (from == null || to == null || from.bars().isEmpty() || to.bars().isEmpty()) {
      return Optional.empty();
    }
    Bar last = from.bars().get(from.bars().size() - 1);
    Bar first = to.bars().get(0);
    int x = Math.max(last.x() + last.width(), first.x());
    return Optional.of("M" + (last.x() + last.width()) + " " + from.y() + "H" + x + "V" + (to.y() - BAR_HEIGHT / 2));
  }

  /** A time that something took, as people read it. */
  static String took(Instant from, Instant to) {
    long millis = Math.max(0, Duration.between(from, to).toMillis());
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
    return millis / 60_000 + " min " + millis / 1_000 % 60 + " s";
  }
}
