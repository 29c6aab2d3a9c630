package dev.tallyman.build;

import dev.tallyman.build.NamedContexts.Taken;
import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.distribution.ContentStore;
import dev.tallyman.distribution.Login;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One build on its way: what its stages share, which run side by side. */
final class Build implements AutoCloseable {
  static final String SCRATCH = "scratch";
  private static final int SHORT_ID = 12;

  final BuildTrace trace;
  final Caller caller;
  final String id;
  final BuildRequest request;
  final Dockerfile file;
  final Context context;
  final BuildOutput output;
  /** Of its stages: also when one of them failed. */
  final Cancellation cancellation = new Cancellation();
  final BuildParts parts;
  /** Rows of the cache that were used. */
  final List<Long> used = Collections.synchronizedList(new ArrayList<>());
  /** What came from elsewhere, with what it was: the context, and what ADD named. */
  final Set<String> origins = new ConcurrentSkipListSet<>();
  /** Build arguments that some ARG named. */
  final Set<String> consumed = new ConcurrentSkipListSet<>();
  /** SOURCE_DATE_EPOCH: times of files and of the image are not later, seconds since 1970; the largest number = as they are. */
  final long latestSeconds;
  /** Files that commands have mounted. */
  final BuildFolders folders = new BuildFolders(this);
  final NamedContexts contexts;
  final StepPlaces places = new StepPlaces();
  final StepKeys keys = new StepKeys();
  final CacheImports imports = new CacheImports(this);
  private final Cancellation asked;
  private final Map<String, String> globals = new LinkedHashMap<>();
  private final AtomicInteger benches = new AtomicInteger();
  private volatile @Nullable StagePlan plan;
  private volatile @Nullable StageRuns<StepResult> runs;

  Build(BuildTrace trace, BuildRequest request, Dockerfile file, Context context, BuildOutput output, Cancellation cancellation, BuildParts parts) {
    this.trace = trace;
    this.caller = trace.caller;
    this.id = trace.id();
    this.request = request;
    this.file = file;
    this.context = context;
    this.output = output;
    this.asked = cancellation;
    this.parts = parts;
    this.latestSeconds = SourceDate.of(request, file, consumed);
    this.contexts = new NamedContexts(this, request.contexts());
  }

  /** Runs what the target needs. @return absent when nothing was made */
  @SuppressWarnings("try") // registered is there to be closed
  @Nullable Image run() {
    readGlobals();
    StagePlan found = new StagePlan(file, request.target(), this::from, contexts::replaces);
    List<Stage> needed = found.stages();
    List<StageVoices.Label> labels = labels(found, needed);
    int steps = labels.stream().mapToInt(StageVoices.Label::count).sum();
    Map<Integer, Integer> firsts = labels.stream().collect(Collectors.toMap(StageVoices.Label::index, StageVoices.Label::first));
    StageVoices outputs = output.voices(labels);
    StageRuns<StepResult> all = new StageRuns<>(found, parts.stagesMax(), parts.threads);
    plan = found;
    runs = all;
    trace.planned(found, needed.stream().collect(Collectors.toMap(Stage::index, each -> from(each).image())));
    AtomicInteger failed = new AtomicInteger(needed.get(0).index());
    try (Cancellation.Registration registered = asked.on(cancellation::cancel)) {
      all.run(
          stage -> {
            StageBuild run = new StageBuild(this, stage, outputs.of(stage.index()), firsts.getOrDefault(stage.index(), 1), steps);
            StepResult made = run.run(stage == found.target());
            outputs.ended(stage.index());
            return made;
          },
          stage -> {
            failed.set(stage.index());
            if (!asked.isCancelled()) {
              trace.failed(stage.index());
            }
            cancellation.cancel();
          });
    } catch (RuntimeException e) {
      try {
        outputs.failed(failed.get());
      } catch (RuntimeException gone) {
        e.addSuppressed(gone);
      }
      throw e;
    }
    Optional<StepResult> result = all.result(found.target());
    return result == null ? null : StepResult.image(result.orElse(null));
  }

  /** A stage without a name is called by its number where there are others. */
  private List<StageVoices.Label> labels(StagePlan found, List<Stage> needed) {
    List<StageVoices.Label> labels = new ArrayList<>();
    int first = 1;
    for (Stage each : needed) {
      String name = each.name() != null ? each.name() : needed.size() > 1 ? "stage-" + each.index() : "";
      int count = 1 + instructions(each).size() + (each == found.target() && !request.labels().isEmpty() ? 1 : 0);
      labels.add(new StageVoices.Label(each.index(), name, first, count));
      first += count;
    }
    return labels;
  }

  private void readGlobals() {
    GlobalArguments read = GlobalArguments.of(file, request.arguments());
    globals.putAll(read.values());
    consumed.addAll(read.declared());
  }

  /** Of an ARG before the first FROM; of the platform arguments, too. */
  @Nullable String global(String name) {
    return globals.get(name);
  }

  /** Of a stage that a context stands for, that it is made of that alone. */
  Instruction.From from(Stage stage) {
    if (contexts.replaces(stage)) {
      String name = String.valueOf(stage.name());
      return new Instruction.From(stage.from().at(), "FROM " + name, name, "", name);
    }
    return file.expand(stage.from(), file.words(globals::get));
  }

  List<Instruction> instructions(Stage stage) {
    return contexts.replaces(stage) ? List.of() : stage.instructions();
  }

  /** What a FROM or --from names. Nothing for scratch and for a stage that made nothing. */
  Taken base(String name, String platform, StageBuild user) {
    StagePlan stages = plan;
    StageRuns<StepResult> running = runs;
    Stage stage = stages == null ? null : stages.earlier(name, user.stage);
    if (stage == null && name.equals(SCRATCH)) {
      return Taken.of(null);
    }
    Taken context = contexts.find(stage, name, user.output);
    if (context != null) {
      return context;
    }
    if (stage == null) {
      return Taken.of(image(name, platform, user.output));
    }
    Optional<StepResult> result = running == null ? null : running.result(stage);
    if (result == null) {
      cancellation.check();
      throw new TallymanException(ErrorKind.INVALID, "the stage " + name + " was not built: only a trigger of the base image names it");
    }
    return new Taken(result.orElse(null), null);
  }

  /** @param id of an image of the team, as it is here */
  Image made(String id) {
    Image image = parts.images.inspect(caller, id);
    trace.based(image.id());
    return image;
  }

  /** @param digest of a manifest that a content store has */
  Image stored(ContentStore store, String digest, BuildOutput told) {
    Image image = parts.distribution.pull(caller, store, digest, Platform.of(""), told.transfer());
    trace.based(image.id());
    return image;
  }

  Image image(String name, String platform, BuildOutput told) {
    Image image = load(name, platform, told);
    trace.based(image.id());
    return image;
  }

  private Image load(String name, String platform, BuildOutput told) {
    if (!request.pulls()) {
      try {
        return parts.images.inspect(caller, name);
      } catch (TallymanException e) {
        if (e.kind() != ErrorKind.NOT_FOUND) {
          throw e;
        }
      }
    }
    return parts.distribution.pull(caller, name, Platform.of(platform), login(name), told.transfer());
  }

  /** Of the registry of an image. */
  Login login(String name) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    return request.login().apply(first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "docker.io");
  }

  /** The time that an image of it has; absent = now. */
  @Nullable Instant madeAt() {
    return latestSeconds == Long.MAX_VALUE ? null : Instant.ofEpochSecond(latestSeconds);
  }

  static String shortId(String id) {
    return id.replace("sha256:", "").substring(0, SHORT_ID);
  }

  Bench bench(Image image) {
    return new Bench(parts.sandboxes, parts.threads, benchId(id, benches.getAndIncrement()), image.layers());
  }

  /** Ids follow from the build's, whose record is there before, so that the next start finds what this build left, should the server die. */
  static String benchId(String build, int number) {
    return HexFormat.of().formatHex(Context.sha256().digest((build + " bench " + number).getBytes(StandardCharsets.UTF_8)));
  }

  /** @param find looks a row up in a team's cache; @param fits whether what it has may be taken */
  @Nullable StepResult cached(LongFunction<Optional<BuildStore.Row>> find, String place, Predicate<StepResult> fits, StageBuild user) {
    if (!request.usesCache(user.stage)) {
      return null;
    }
    Optional<BuildStore.Row> row = find.apply(caller.team());
    StepResult found = row.flatMap(each -> parts.known.find(caller, each.image()).map(image -> new StepResult(image, each.key(), place))).filter(fits).orElse(null);
    if (found != null) {
      used.add(row.get().id());
      user.reused();
    }
    return found;
  }

  @Override
  public void close() {
    folders.close();
    contexts.close();
    imports.close();
  }
}
