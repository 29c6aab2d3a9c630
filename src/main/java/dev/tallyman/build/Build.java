package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.distribution.Login;
import dev.tallyman.distribution.Platform;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images.Image;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One build on its way: what its stages share. */
final class Build implements AutoCloseable {
  private static final String SCRATCH = "scratch";
  private static final int SHORT_ID = 12;

  final Caller caller;
  final String id;
  final BuildRequest request;
  final Dockerfile file;
  final Context context;
  final BuildOutput output;
  final Cancellation cancellation;
  final BuildParts parts;
  /** Rows of the cache that were used. */
  final List<Long> used = new ArrayList<>();
  /** Ids of the images that stages began with. */
  final Set<String> bases = new LinkedHashSet<>();
  /** Build arguments that some ARG named. */
  final Set<String> consumed = new TreeSet<>();
  /** Files that commands have mounted. */
  final BuildFolders folders = new BuildFolders(this);
  private final Map<Integer, Optional<Image>> results = new HashMap<>();
  private final Map<String, String> globals = new LinkedHashMap<>(DockerfileChecks.PLATFORM);
  private final Set<String> declared = new TreeSet<>();
  private int step;
  private int steps;
  private int benches;
  private boolean isRecorded;

  Build(Caller caller, String id, BuildRequest request, Dockerfile file, Context context, BuildOutput output, Cancellation cancellation, BuildParts parts) {
    this.caller = caller;
    this.id = id;
    this.request = request;
    this.file = file;
    this.context = context;
    this.output = output;
    this.cancellation = cancellation;
    this.parts = parts;
  }

  /** Runs what the target needs. @return absent when nothing was made */
  @Nullable Image run() {
    readGlobals();
    Stage target = target();
    List<Stage> needed = needed(target);
    steps = needed.stream().mapToInt(each -> each.instructions().size() + 1).sum() + (request.labels().isEmpty() ? 0 : 1);
    for (Stage stage : needed) {
      StageBuild run = new StageBuild(this, stage);
      results.put(stage.index(), Optional.ofNullable(run.run(stage == target)));
    }
    Optional<Image> result = results.get(target.index());
    return result == null ? null : result.orElse(null);
  }

  private void readGlobals() {
    for (Instruction.Arg arg : file.globals()) {
      for (Instruction.Arg.Value value : arg.values()) {
        declared.add(value.name());
        consumed.add(value.name());
        String given = request.arguments().get(value.name());
        if (given != null) {
          globals.put(value.name(), given);
        } else if (value.value() != null) {
          globals.put(value.name(), file.words(globals::get).word(value.value()));
        }
      }
    }
  }

  /** Of an ARG before the first FROM; of the platform arguments, too. */
  @Nullable String global(String name) {
    return globals.get(name);
  }

  private Stage target() {
    if (request.target().isEmpty()) {
      return file.stages().get(file.stages().size() - 1);
    }
    Stage stage = file.stage(request.target());
    if (stage == null) {
      throw new TallymanException(ErrorKind.INVALID, "failed to reach build target " + request.target() + " in Dockerfile");
    }
    return stage;
  }

  private List<Stage> needed(Stage target) {
    Set<Integer> found = new TreeSet<>();
    List<Stage> open = new ArrayList<>(List.of(target));
    while (!open.isEmpty()) {
      Stage stage = open.remove(open.size() - 1);
      if (!found.add(stage.index())) {
        continue;
      }
      addIfStage(from(stage).image(), stage, open);
      for (Instruction each : stage.instructions()) {
        if (each instanceof Instruction.Copy copy && !copy.from().isEmpty()) {
          addIfStage(copy.from(), stage, open);
        } else if (each instanceof Instruction.Run run) {
          run.mountSources().forEach(name -> addIfStage(name, stage, open));
        }
      }
    }
    return found.stream().map(file.stages()::get).toList();
  }

  private void addIfStage(String name, Stage user, List<Stage> open) {
    Stage stage = earlier(name, user);
    if (stage != null) {
      open.add(stage);
    }
  }

  /** A stage above another one, by name or number. */
  private @Nullable Stage earlier(String name, Stage user) {
    Stage found = null;
    for (Stage each : file.stages().subList(0, user.index())) {
      if (name.equalsIgnoreCase(each.name()) || name.equals(Integer.toString(each.index()))) {
        found = each;
      }
    }
    return found;
  }

  Instruction.From from(Stage stage) {
    return file.expand(stage.from(), file.words(globals::get));
  }

  /** What a FROM or --from names. Absent for scratch and for a stage that made nothing. */
  @Nullable Image base(String name, String platform, Stage user) {
    Stage stage = earlier(name, user);
    if (stage != null) {
      Optional<Image> result = results.get(stage.index());
      if (result == null) {
        throw new TallymanException(ErrorKind.INVALID, "the stage " + name + " was not built: only a trigger of the base image names it");
      }
      return result.orElse(null);
    }
    if (name.equals(SCRATCH)) {
      return null;
    }
    Image image = image(name, platform);
    bases.add(image.id());
    return image;
  }

  private Image image(String name, String platform) {
    if (!request.pulls()) {
      try {
        return parts.images.inspect(caller, name);
      } catch (TallymanException e) {
        if (e.kind() != ErrorKind.NOT_FOUND) {
          throw e;
        }
      }
    }
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    String domain = first.contains(".") || first.contains(":") || first.equals("localhost") ? first : "docker.io";
    Login login = request.login().apply(domain);
    return parts.distribution.pull(caller, name, Platform.of(platform), login, output.transfer());
  }

  void announce(String text) {
    cancellation.check();
    output.step(++step, steps, text);
  }

  void show(@Nullable Image image) {
    output.remark(" ---> " + (image == null ? "" : shortId(image.id())));
  }

  static String shortId(String id) {
    return id.replace("sha256:", "").substring(0, SHORT_ID);
  }

  /** So that the next start finds what this build left, should the server die. Before the first container. */
  void record() {
    if (!isRecorded) {
      parts.store.began(id, caller.team());
      isRecorded = true;
    }
  }

  Bench bench(Image image) {
    record();
    return new Bench(parts.sandboxes, parts.threads, benchId(id, benches++), image.layers());
  }

  /** Ids follow from the build's, so that they can be found again. */
  static String benchId(String build, int number) {
    return HexFormat.of().formatHex(Context.sha256().digest((build + " bench " + number).getBytes(StandardCharsets.UTF_8)));
  }

  /** @param image absent: from nothing */
  MessageDigest key(@Nullable Image image) {
    MessageDigest sum = Context.sha256();
    sum.update(((image == null ? SCRATCH : image.id()) + "\0").getBytes(StandardCharsets.UTF_8));
    return sum;
  }

  @Nullable Image cached(String key) {
    if (!request.usesCache()) {
      return null;
    }
    Optional<BuildStore.Row> row = parts.store.find(caller.team(), key);
    Image image = row.flatMap(each -> parts.known.find(caller, each.image())).orElse(null);
    if (image != null) {
      used.add(row.get().id());
      output.reused();
    }
    return image;
  }

  /** Gives up the record; everything that it would be needed for is gone. */
  @Override
  public void close() {
    folders.close();
    if (isRecorded) {
      parts.store.ended(id);
    }
  }
}
