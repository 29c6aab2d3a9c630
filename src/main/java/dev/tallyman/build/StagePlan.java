package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The graph of the stages that a target needs: a stage can name those above it only. */
final class StagePlan {
  private final Dockerfile file;
  private final Function<Stage, Instruction.From> from;
  private final Predicate<Stage> isReplaced;
  private final Stage target;
  private final Map<Integer, Set<Integer>> needs = new TreeMap<>();

  /**
   * @param target name or number; empty = the last
   * @param from a stage's FROM, expanded
   * @param isReplaced that something else stands for the stage: it needs no other, and nobody needs to wait for it
   * @throws TallymanException INVALID when there is no such target
   */
  StagePlan(Dockerfile file, String target, Function<Stage, Instruction.From> from, Predicate<Stage> isReplaced) {
    this.file = file;
    this.from = from;
    this.isReplaced = isReplaced;
    this.target = target(target);
    List<Stage> open = new ArrayList<>(List.of(this.target));
    while (!open.isEmpty()) {
      Stage stage = open.remove(open.size() - 1);
      if (!needs.containsKey(stage.index())) {
        Set<Integer> direct = direct(stage);
        needs.put(stage.index(), direct);
        direct.forEach(each -> open.add(file.stages().get(each)));
      }
    }
  }

  private Stage target(String name) {
    if (name.isEmpty()) {
      return file.stages().get(file.stages().size() - 1);
    }
    Stage stage = file.stage(name);
    if (stage == null) {
      throw new TallymanException(ErrorKind.INVALID, "failed to reach build target " + name + " in Dockerfile");
    }
    return stage;
  }

  private Set<Integer> direct(Stage stage) {
    Set<Integer> found = new TreeSet<>();
    if (isReplaced.test(stage)) {
      return found;
    }
    add(from.apply(stage).image(), stage, found);
    for (Instruction each : stage.instructions()) {
      if (each instanceof Instruction.Copy copy && !copy.from().isEmpty()) {
        add(copy.from(), stage, found);
      } else if (each instanceof Instruction.Run run) {
        run.mountSources().forEach(name -> add(name, stage, found));
      }
    }
    return found;
  }

  private void add(String name, Stage user, Set<Integer> found) {
    Stage stage = earlier(name, user);
    if (stage != null && !isReplaced.test(stage)) {
      found.add(stage.index());
    }
  }

  /** A stage above another one, by name or number. */
  @Nullable Stage earlier(String name, Stage user) {
    Stage found = null;
    for (Stage each : file.stages().subList(0, user.index())) {
      if (name.equalsIgnoreCase(each.name()) || name.equals(Integer.toString(each.index()))) {
        found = each;
      }
    }
    return found;
  }

  Stage target() {
    return target;
  }

  /** All that are built, as they are written. */
  List<Stage> stages() {
    return needs.keySet().stream().map(file.stages()::get).toList();
  }

  /** Numbers of the stages that must have ended before this one can begin. */
  Set<Integer> needs(Stage stage) {
    return needs.getOrDefault(stage.index(), Set.of());
  }
}
