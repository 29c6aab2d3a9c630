package dev.tallyman.build;

import dev.tallyman.build.NamedContexts.Taken;
import dev.tallyman.build.StepResult.Inputs;
import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.Pair;
import dev.tallyman.build.dockerfile.Position;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.build.dockerfile.Words;
import dev.tallyman.error.Credentials;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images.Image;
import dev.tallyman.kernel.FilePipe;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** One stage of a build: its instructions one after the other, each an image on top of the one before. */
final class StageBuild {
  /** Another number when the same step makes other files than with the version before, whose cache then is no help. */
  private static final int RULES = 3;

  final Build build;
  final Stage stage;
  final BuildOutput output;
  private final int steps;
  private final StageArguments arguments = new StageArguments();
  private ConfigDraft draft = ConfigDraft.ofScratch();
  private @Nullable StepResult current;
  private String author = "";
  private int step;
  /** The step is the FROM, of which triggers are a part. */
  private boolean isFrom;

  /** @param first number of its first step; @param steps of all stages */
  StageBuild(Build build, Stage stage, BuildOutput output, int first, int steps) {
    this.build = build;
    this.stage = stage;
    this.output = output;
    this.step = first;
    this.steps = steps;
  }

  /** @param isTarget gets the labels of the request. @return absent when nothing was made */
  @Nullable StepResult run(boolean isTarget) {
    Instruction.From from = build.from(stage);
    announce(from.original());
    Taken base = build.base(from.image(), from.platform(), this);
    current = base.result();
    Image image = current();
    if (image != null) {
      draft = ConfigDraft.ofStage(image.config());
      author = image.author();
    }
    if (base.files() != null) {
      new FileStep(this).takeAll(base.files());
    }
    isFrom = true;
    show();
    runTriggers();
    isFrom = false;
    build.trace.ended(stage.index(), current == null ? "" : current.image().id());
    build.instructions(stage).forEach(this::run);
    if (isTarget && !build.request.labels().isEmpty()) {
      Instruction.Label labels = labels();
      announce(labels.original());
      commit(draft.apply(labels));
      show();
    }
    if (isTarget && current != null && build.request.caches().isInline()) {
      carry(current.image());
    }
    return current;
  }

  /** The image tells its steps itself, to builds that name it as a cache. */
  private void carry(Image made) {
    String label = CarriedSteps.label(build.places.steps(), made.diffIds());
    if (!label.isEmpty()) {
      draft.apply(new Instruction.Label(new Position(1, 1, 1), "", List.of(new Pair(CarriedSteps.LABEL, label, false))));
      commit("LABEL " + CarriedSteps.LABEL);
    }
  }

  private void announce(String text) {
    build.cancellation.check();
    String shown = Credentials.removed(text);
    build.trace.began(stage.index(), step, shown);
    output.step(step++, steps, shown);
  }

  private void show() {
    Image image = current();
    output.remark(" ---> " + (image == null ? "" : Build.shortId(image.id())));
    if (!isFrom) {
      build.trace.ended(stage.index(), image == null ? "" : image.id());
    }
  }

  /** What the step is at is from the cache. */
  void reused() {
    output.reused();
    if (!isFrom) {
      build.trace.reused(stage.index());
    }
  }

  private void runTriggers() {
    List<String> triggers = draft.config().onBuild();
    if (triggers.isEmpty()) {
      return;
    }
    output.text("# Executing " + triggers.size() + " build " + (triggers.size() == 1 ? "trigger" : "triggers") + "\n");
    draft.clearTriggers();
    for (String trigger : triggers) {
      run(Dockerfile.trigger(trigger));
    }
  }

  private Instruction.Label labels() {
    List<Pair> pairs = build.request.labels().entrySet().stream().sorted(Map.Entry.comparingByKey()).map(each -> new Pair(each.getKey(), each.getValue(), false)).toList();
    return new Instruction.Label(new Position(1, 1, 1), "LABEL " + String.join(" ", pairs.stream().map(each -> each.key() + "=" + each.value()).toList()), pairs);
  }

  private void run(Instruction written) {
    if (isFrom) {
      build.cancellation.check();
    } else {
      announce(written.original());
    }
    try {
      perform(build.file.expand(written, words()));
    } catch (Refused e) {
      throw build.file.fault(written.at(), e.getMessage());
    } catch (BuildException e) {
      throw e.at(build.file, written.at());
    }
    show();
  }

  /** What cannot be done for this instruction; told with its place. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  private void perform(Instruction instruction) {
    if (instruction instanceof Instruction.Arg arg) {
      arg.values().forEach(this::declare);
    } else if (instruction instanceof Instruction.Run run) {
      new RunStep(this).perform(run, build.file.mounts(run, words()));
    } else if (instruction instanceof Instruction.Copy copy) {
      new FileStep(this).copy(copy);
    } else if (instruction instanceof Instruction.Add add) {
      new FileStep(this).add(add);
    } else if (instruction instanceof Instruction.Workdir workdir) {
      String text = draft.apply(workdir);
      new FileStep(this).makeDirectory(draft.config().workingDir(), draft.config().user(), text);
    } else if (instruction instanceof Instruction.Maintainer maintainer) {
      author = maintainer.name();
      commit(maintainer.original());
    } else {
      commit(draft.apply(instruction));
    }
  }

  private void declare(Instruction.Arg.Value value) {
    build.consumed.add(value.name());
    String given = build.request.arguments().get(value.name());
    if (given == null) {
      given = value.value() == null ? build.global(value.name()) : words().word(value.value());
    }
    arguments.declare(value.name(), given);
  }

  private Words words() {
    Map<String, String> environment = draft.environment();
    return build.file.words(name -> environment.containsKey(name) ? environment.get(name) : arguments.get(name));
  }

  ConfigDraft draft() {
    return draft;
  }

  @Nullable Image current() {
    return StepResult.image(current);
  }

  StageArguments arguments() {
    return arguments;
  }

  /** A layer with no time of change after the one that the build is to have. @param changes closed with the answer */
  InputStream timed(InputStream changes) {
    if (build.latestSeconds == Long.MAX_VALUE) {
      return changes;
    }
    LayerFilter filter = new LayerFilter(entry -> MountPlaces.Fate.KEPT, build.latestSeconds);
    return FilePipe.open(build.parts.threads, out -> filter.copyUnchecked(changes, out));
  }

  /** Something that makes files, unless the cache has it. */
  interface Work {
    ImageSteps.@Nullable Files files();
  }

  /**
   * Finds the next image by where its files come from, so that they need not be read.
   *
   * @param source of which they follow: one source gives the same files at any time, others may give the same, too
   * @return false: it is not in the cache by its source
   */
  boolean reuse(String createdBy, Inputs source) {
    if (!build.request.caches().equals(CacheUse.none()) || build.keys.areMade(source.images())) {
      return false; // other machines find it by its files, and what was made anew may have others
    }
    Inputs whole = whole(createdBy, source);
    String key = whole.on(current, StepResult::key);
    StepResult cached = cached(team -> build.parts.store.findBySource(team, key), whole.on(current, StepResult::place), source);
    if (cached != null) {
      current = cached;
    }
    return cached != null;
  }

  /**
   * Makes the next image, or finds it.
   *
   * @param extra what the step depends on besides its text and configuration; @param source as of {@link #reuse}; by it the image is found the next time
   */
  void commit(String createdBy, Inputs extra, @Nullable Inputs source, Work work) {
    commit(createdBy, extra, source, work, true);
  }

  private void commit(String createdBy, Inputs extra, @Nullable Inputs source, Work work, boolean hasFiles) {
    StepResult below = current;
    Inputs whole = whole(createdBy, extra);
    String sourceKey = source == null ? null : whole(createdBy, source).on(below, StepResult::key);
    StepResult made = commit(new Keys(whole.on(below, StepResult::key), sourceKey, whole.on(below, StepResult::place)), extra, createdBy, work, hasFiles);
    if (hasFiles) {
      build.places.add(StepResult.image(below), made);
    }
    current = made;
  }

  /** Of a step in the cache. @param source by where its files come from, if that tells it; @param place in caches of others */
  private record Keys(String step, @Nullable String source, String place) {}

  private @Nullable StepResult cached(LongFunction<Optional<BuildStore.Row>> find, String place, Inputs inputs) {
    return build.cached(find, place, found -> fits(found, inputs.images()), this);
  }

  /**
   * Whether an image that has the key of the step is what is meant. It may stand on another image of the step below, but not on one that was there
   * before this build made that anew; and where others are told which layer each step made, on none but this.
   */
  private boolean fits(StepResult found, List<StepResult> images) {
    StepResult below = current;
    boolean isOnTop = Objects.equals(found.image().parent(), below == null ? null : below.image().id());
    if (build.request.caches().exportsAny() && !isOnTop) {
      return false;
    }
    return build.keys.isMade(found) || !build.keys.areMade(images) && (isOnTop || !build.keys.isMade(below));
  }

  /** From the team's cache, from one that the request names, or by doing it. */
  private StepResult commit(Keys keys, Inputs extra, String createdBy, Work work, boolean hasFiles) {
    StepResult cached = cached(team -> build.parts.store.find(team, keys.step()), keys.place(), extra);
    if (cached != null) {
      if (keys.source() != null) {
        build.parts.store.found(build.caller.team(), keys.step(), keys.source());
      }
      return cached;
    }
    CacheImports.Hit hit = hasFiles && build.request.usesCache(stage) ? build.imports.find(keys.place(), output) : null;
    if (hit == null) {
      return make(keys, createdBy, work);
    }
    Keys imported = new Keys(hit.key(keys.step()), null, keys.place());
    cached = cached(team -> build.parts.store.find(team, imported.step()), keys.place(), extra);
    if (cached == null) {
      cached = take(hit, imported, createdBy);
    }
    return cached == null ? make(keys, createdBy, work) : cached;
  }

  /** @return absent when the image that carries it is gone meanwhile */
  private @Nullable StepResult take(CacheImports.Hit hit, Keys keys, String createdBy) {
    try {
      StepResult made = make(keys, createdBy, () -> hit.diffId().isEmpty() ? null : build.parts.steps.known(build.caller, hit.image(), hit.diffId()));
      reused();
      return made;
    } catch (TallymanException e) {
      build.cancellation.check();
      if (e.kind() != ErrorKind.NOT_FOUND && e.kind() != ErrorKind.CONFLICT) {
        throw e;
      }
      return null;
    }
  }

  private StepResult make(Keys keys, String createdBy, Work work) {
    try (ImageSteps.Files files = work.files()) {
      build.cancellation.check();
      ImageSteps.Step step = new ImageSteps.Step(files, draft.config(), createdBy, author, HistoryText.COMMENT, build.madeAt());
      long bytes = files == null ? 0 : files.sizeBytes();
      Image below = current();
      // With its row of the cache, so that no image is left that nobody would find again. Two builds may make the same step at once; the last image counts.
      Image image = build.parts.steps
          .add(
              build.caller, below == null ? null : below.id(), List.of(step),
              made -> build.parts.store.put(build.caller.team(), new BuildStore.NewRow(keys.step(), keys.source(), made.get(0).id(), createdBy, bytes)))
          .get(0);
      StepResult result = new StepResult(image, keys.step(), keys.place());
      build.keys.made(result);
      return result;
    }
  }

  /** All that a step depends on but what it is on top of. */
  private Inputs whole(String createdBy, Inputs extra) {
    String text = RULES + "\0" + createdBy + "\0" + draft.config() + "\0" + author + "\0" + extra.text() + (build.latestSeconds == Long.MAX_VALUE ? "" : "\0" + build.latestSeconds);
    return new Inputs(text, extra.images());
  }

  /** A step that cannot make files, which is done again as fast as it is found in caches of others. */
  private void commit(String createdBy) {
    commit(createdBy, Inputs.of(""), null, () -> null, false);
  }
}
