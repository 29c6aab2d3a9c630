package dev.tallyman.build;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Notes what a build does while it does it. For several threads. */
final class BuildTrace {
  /** Steps whose text is kept; a Dockerfile may have 10,000. */
  private static final int MOST_STEPS = 1_000;
  private static final int LONGEST_TEXT = 300;
  private static final int LONGEST_ERROR = 2_000;
  private static final int LONGEST_NAMES = 10_000;

  final Caller caller;
  private final String id;
  private final BuildRequest request;
  private final Instant startedAt = now();
  private final Map<Integer, Line> stages = new TreeMap<>();
  private final Set<String> bases = new TreeSet<>();
  private String dockerfile = "";
  private String context = "";
  private int count;
  private int cached;

  /** A stage. */
  private record Line(String name, String base, List<Integer> needs, List<Note> notes) {}

  /** A step. */
  private static final class Note {
    private final int number;
    private final String text;
    private final Instant startedAt = now();
    private @Nullable Instant endedAt;
    private boolean isCached;
    private boolean isFailed;
    private String image = "";

    Note(int number, String text) {
      this.number = number;
      this.text = text;
    }
  }

  BuildTrace(Caller caller, String id, BuildRequest request) {
    this.caller = caller;
    this.id = id;
    this.request = request;
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  String id() {
    return id;
  }

  /** @param dockerfileDigest of its text; @param contextDigest of the context */
  synchronized void read(String dockerfileDigest, String contextDigest) {
    dockerfile = dockerfileDigest;
    context = contextDigest;
  }

  /** @param image id of one that a stage begins with, or takes files of */
  synchronized void based(String image) {
    bases.add(image);
  }

  synchronized List<String> bases() {
    return List.copyOf(bases);
  }

  /** What will be done. @param bases what the FROM of each stage names, by its number */
  synchronized void planned(StagePlan plan, Map<Integer, String> bases) {
    for (Stage each : plan.stages()) {
      String name = each.name() == null ? "" : each.name();
      stages.put(each.index(), new Line(shortened(name, LONGEST_TEXT), shortened(bases.getOrDefault(each.index(), ""), LONGEST_TEXT), List.copyOf(plan.needs(each)), new ArrayList<>()));
    }
  }

  synchronized void began(int stage, int number, String text) {
    count++;
    if (count <= MOST_STEPS && stages.containsKey(stage)) {
      stages.get(stage).notes().add(new Note(number, shortened(text, LONGEST_TEXT)));
    }
  }

  /** The step that the stage is at is from the cache. */
  synchronized void reused(int stage) {
    Note note = last(stage);
    if (note != null && !note.isCached) {
      note.isCached = true;
      cached++;
    }
  }

  /** The step that the stage is at has ended well. @param image id; empty for nothing */
  synchronized void ended(int stage, String image) {
    Note note = last(stage);
    if (note != null) {
      note.endedAt = now();
      note.image = image;
    }
  }

  /** The step that the stage is at is why the build fails. */
  synchronized void failed(int stage) {
    Note note = last(stage);
    if (note != null) {
      note.isFailed = true;
    }
  }

  private @Nullable Note last(int stage) {
    Line line = stages.get(stage);
    Note note = line == null || line.notes().isEmpty() ? null : line.notes().get(line.notes().size() - 1);
    return note == null || note.endedAt != null ? null : note;
  }

  BuildRecord running() {
    return record(Outcome.RUNNING, "", "", null);
  }

  BuildRecord done(String image) {
    return record(Outcome.DONE, "", image, now());
  }

  BuildRecord failed(boolean isCancelled, String error) {
    return record(isCancelled ? Outcome.CANCELLED : Outcome.FAILED, shortened(error, LONGEST_ERROR), "", now());
  }

  private synchronized BuildRecord record(Outcome outcome, String error, String image, @Nullable Instant endedAt) {
    List<StageRecord> all = new ArrayList<>();
    stages.forEach((index, line) -> all.add(new StageRecord(index, line.name(), line.base(), line.needs(), line.notes().stream().map(BuildTrace::step).toList())));
    return new BuildRecord(
        id, caller.accountName(), caller.way().name().toLowerCase(Locale.ROOT), bounded(request.names()), shortened(request.target(), LONGEST_TEXT), dockerfile, context,
        bounded(bases()), outcome, error, image, startedAt, endedAt, count, cached, all);
  }

  private static StepRecord step(Note note) {
    return new StepRecord(note.number, note.text, note.startedAt, note.endedAt, note.isCached, note.image, note.isFailed);
  }

  /** As many as their column has room for. */
  private static List<String> bounded(List<String> words) {
    List<String> kept = new ArrayList<>();
    int length = 0;
    for (String each : words) {
      length += each.length() + 1;
      if (length > LONGEST_NAMES) {
        break;
      }
      kept.add(each);
    }
    return kept;
  }
}
