package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Dockerfile that was read: its stages in order, and the ARG instructions before the first FROM. Nothing is expanded yet. There are at most
 * {@value #MAX_INSTRUCTIONS} instructions and {@value #MAX_STAGES} stages: people write a tenth of that.
 */
public final class Dockerfile {
  static final int MAX_INSTRUCTIONS = 10_000;
  static final int MAX_STAGES = 1_000;

  private final SourceText source;
  private final Directives directives;
  private final List<Instruction.Arg> globals;
  private final List<Stage> stages;
  private final List<Warning> warnings;
  private final List<Line> lines;
  private final CheckOptions checkOptions;
  private final StepBudget budget = Words.newBudget();

  /** An instruction with the text it was read from. */
  record Line(Node node, Instruction instruction) {}

  private Dockerfile(SourceText source, NodeReader reader, List<Line> lines, List<Instruction.Arg> globals, List<Stage> stages) {
    this.source = source;
    this.directives = reader.directives();
    this.globals = List.copyOf(globals);
    this.stages = List.copyOf(stages);
    this.warnings = List.copyOf(reader.warnings());
    this.lines = List.copyOf(lines);
    this.checkOptions = located(source, new Position(1, 1, Math.max(1, source.count())), () -> CheckOptions.parse(directives.check()));
  }

  /** As {@link #parse(String, String)} for a file that is called Dockerfile. */
  public static Dockerfile parse(String text) {
    return parse("Dockerfile", text);
  }

  /**
   * Reads a whole file, at most 1 MiB, no line longer than 64 KiB.
   *
   * @param name of the file, for errors
   * @throws DockerfileException with file, line and column, for the first thing that is wrong
   */
  public static Dockerfile parse(String name, String text) {
    if (text.isEmpty()) {
      throw new DockerfileException("the Dockerfile (" + name + ") cannot be empty");
    }
    SourceText source = new SourceText(name, text);
    NodeReader reader = new NodeReader(source).readAll();
    List<Line> lines = new ArrayList<>();
    List<Instruction.Arg> globals = new ArrayList<>();
    List<List<Instruction>> bodies = new ArrayList<>();
    List<Instruction.From> froms = new ArrayList<>();
    for (Node node : reader.nodes()) {
      Instruction instruction = located(source, node.at(), () -> Instructions.of(node));
      lines.add(new Line(node, instruction));
      if (lines.size() > MAX_INSTRUCTIONS || froms.size() > MAX_STAGES) {
        String reason = "a Dockerfile has at most " + MAX_INSTRUCTIONS + " instructions and " + MAX_STAGES + " stages";
        throw source.located(new DockerfileException(reason), node.at());
      }
      if (instruction instanceof Instruction.From from) {
        froms.add(from);
        bodies.add(new ArrayList<>());
      } else if (!froms.isEmpty()) {
        bodies.get(bodies.size() - 1).add(instruction);
      } else if (instruction instanceof Instruction.Arg arg) {
        globals.add(arg);
      } else {
        throw source.located(noStage(), node.at());
      }
    }
    if (froms.isEmpty()) {
      throw source.located(noStage(), reader.nodes().get(reader.nodes().size() - 1).at());
    }
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < froms.size(); i++) {
      stages.add(new Stage(i, froms.get(i).alias(), froms.get(i), bodies.get(i)));
    }
    return new Dockerfile(source, reader, lines, globals, stages);
  }

  /**
   * The instruction of an image's ONBUILD trigger. Errors name the trigger as their file.
   *
   * @throws DockerfileException for anything but one instruction that may be a trigger
   */
  public static Instruction trigger(String text) {
    SourceText source = new SourceText("ONBUILD", text);
    NodeReader reader = new NodeReader(source).readAll();
    Node node = reader.nodes().get(0);
    if (reader.nodes().size() != 1 || List.of("ONBUILD", "FROM", "MAINTAINER").contains(node.command())) {
      throw source.located(new DockerfileException("onbuild trigger should be a single expression"), node.at());
    }
    return located(source, node.at(), () -> Instructions.of(node));
  }

  public Directives directives() {
    return directives;
  }

  /** ARG before the first FROM: seen by FROM, and by an ARG of the same name without a value in a stage. */
  public List<Instruction.Arg> globals() {
    return globals;
  }

  public List<Stage> stages() {
    return stages;
  }

  /** What reading alone shows; {@link Checks} has more. */
  public List<Warning> warnings() {
    return warnings;
  }

  /**
   * The stage of that name or, for a number, that index; null when there is none. The last one wins when a name is there twice.
   *
   * @param name without regard to case
   */
  public @Nullable Stage stage(String name) {
    Stage found = null;
    for (Stage stage : stages) {
      if (name.toLowerCase(Locale.ROOT).equals(stage.name()) || name.equals(Integer.toString(stage.index()))) {
        found = stage;
      }
    }
    return found;
  }

  /**
   * Word expansion with this file's escape character. All that come from here share one budget of work, so a build of this file, its checks
   * included, has an end.
   */
  public Words words(Lookup variables) {
    return new Words(variables, directives.escape(), budget);
  }

  /** The instruction with its variables expanded; an error has the instruction's place. */
  @SuppressWarnings("unchecked")
  public <T extends Instruction> T expand(T instruction, Expander expander) {
    return (T) located(source, instruction.at(), () -> instruction.expanded(expander));
  }

  /** The mounts of a RUN with their variables expanded; an error has the instruction's place. */
  public List<RunMount> mounts(Instruction.Run run, Expander expander) {
    return located(source, run.at(), () -> run.mounts(expander));
  }

  /** An error in an instruction of this file that only its execution shows: a stage that is not there, a mount that is not offered. */
  public DockerfileException fault(Position at, String reason) {
    return source.located(new DockerfileException(reason), at);
  }

  /** As {@link #fault(Position, String)}; the column is that of the culprit, a piece of the instruction's text. */
  public DockerfileException fault(Position at, String reason, String culprit) {
    return source.located(new DockerfileException(reason, culprit, null), at);
  }

  List<Line> lines() {
    return lines;
  }

  CheckOptions checkOptions() {
    return checkOptions;
  }

  private static DockerfileException noStage() {
    return new DockerfileException("no build stage in current context", null, "FROM with an image before any instruction but ARG");
  }

  private static <T> T located(SourceText source, Position at, Supplier<T> work) {
    try {
      return work.get();
    } catch (DockerfileException refused) {
      throw source.located(refused, at);
    }
  }
}
