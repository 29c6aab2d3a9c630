package dev.tallyman.build;

import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How far a build has come, made of one mark after the other; the same marks give the same progress. Not for several threads. */
final class BuildProgress {
  /** Steps whose text is kept; a Dockerfile may have 10,000. */
  private static final int MOST_STEPS = 1_000;

  private final Map<Integer, Line> stages = new TreeMap<>();
  private final Set<String> bases = new TreeSet<>();
  private String dockerfile = "";
  private String context = "";
  private int count;
  private int cached;
  private final KeptOutput output;
  private @Nullable Instant last;

  /** @param output of its commands, which no mark has */
  BuildProgress(KeptOutput output) {
    this.output = output;
  }

  enum Kind {
    /** Dockerfile and context are read: {@code text} and {@code more} are their digests. */
    READ,
    /** A stage begins with, or takes files of, the image {@code text}. */
    BASED,
    /** The stage will be built: {@code text} is its name, {@code more} what its FROM names. */
    PLANNED,
    BEGAN,
    /** The step that the stage is at is from the cache. */
    REUSED,
    /** The step that the stage is at has ended well; {@code text} is the image, empty for nothing. */
    ENDED,
    /** The step that the stage is at is why the build fails. */
    FAILED
  }

  /** Something that has happened. @param stage its number; @param number of a step; @param needs stages that must have ended before it begins */
  record Mark(Kind kind, Instant at, int stage, int number, String text, String more, List<Integer> needs) {
    Mark(Kind kind, Instant at, int stage, int number, String text) {
      this(kind, at, stage, number, text, "", List.of());
    }

    Mark {
      Objects.requireNonNull(kind, "a mark of no kind");
      Objects.requireNonNull(at, "a mark without a time");
      needs = List.copyOf(needs);
    }
  }

  /** A stage. */
  private record Line(String name, String base, List<Integer> needs, List<Note> notes) {}

  /** A step. */
  private static final class Note {
    private final int number;
    private final String text;
    private final Instant startedAt;
    private @Nullable Instant endedAt;
    private boolean isCached;
    private boolean isFailed;
    private String image = "";

    Note(Mark mark) {
      this.number = mark.number();
      this.text = mark.text();
      this.startedAt = mark.at();
    }
  }

  void add(Mark mark) {
    last = mark.at();
    switch (mark.kind()) {
      case READ -> {
        dockerfile = mark.text();
        context = mark.more();
      }
      case BASED -> bases.add(mark.text());
      case PLANNED -> stages.put(mark.stage(), new Line(mark.text(), mark.more(), mark.needs(), new ArrayList<>()));
      case BEGAN -> began(mark);
      case REUSED -> reused(current(mark.stage()));
      case ENDED -> ended(current(mark.stage()), mark);
      case FAILED -> failed(current(mark.stage()));
    }
  }

  private void began(Mark mark) {
    count++;
    Line line = stages.get(mark.stage());
    if (count <= MOST_STEPS && line != null) {
      line.notes().add(new Note(mark));
    }
  }

  private void reused(@Nullable Note note) {
    if (note != null && !note.isCached) {
      note.isCached = true;
      cached++;
    }
  }

  private static void ended(@Nullable Note note, Mark mark) {
    if (note != null) {
      note.endedAt = mark.at();
      note.image = mark.text();
    }
  }

  private static void failed(@Nullable Note note) {
    if (note != null) {
      note.isFailed = true;
    }
  }

  private @Nullable Note current(int stage) {
    Line line = stages.get(stage);
    Note note = line == null || line.notes().isEmpty() ? null : line.notes().get(line.notes().size() - 1);
    return note == null || note.endedAt != null ? null : note;
  }

  List<StageRecord> stages() {
    List<StageRecord> all = new ArrayList<>();
    stages.forEach((index, line) -> all.add(new StageRecord(index, line.name(), line.base(), line.needs(), line.notes().stream().map(this::step).toList())));
    return all;
  }

  /** The command of the step that the stage is at writes. */
  void wrote(int stage, Instant at, String text) {
    Note note = current(stage);
    if (note != null) {
      output.add(note.number, at, text);
    }
  }

  /** What was written before, as it was kept. */
  void restore(int step, OutputPiece line, boolean isCut) {
    output.restore(step, line, isCut);
    if (last == null || last.isBefore(line.at())) {
      last = line.at();
    }
  }

  private StepRecord step(Note note) {
    return new StepRecord(note.number, note.text, note.startedAt, note.endedAt, note.isCached, note.image, note.isFailed, output.of(note.number));
  }

  List<String> bases() {
    return List.copyOf(bases);
  }

  String dockerfile() {
    return dockerfile;
  }

  String context() {
    return context;
  }

  int stepCount() {
    return count;
  }

  int cachedCount() {
    return cached;
  }

  /** When the last thing happened; absent: nothing did. */
  @Nullable Instant last() {
    return last;
  }
}
