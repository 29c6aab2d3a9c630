package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.RunMount;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.build.dockerfile.Words;
import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a build can want of its context, found before it is sent: the sources that the steps of the needed stages name. Where that cannot be told for
 * sure it is everything.
 *
 * @param isAll everything
 * @param paths below the root, with {@code *} and {@code ?} as wildcards; none = nothing, unless it is all
 */
record ContextNeeds(boolean isAll, Set<String> paths) {
  /** They travel in the head of a request. */
  private static final int MOST_PATHS = 1_000;
  private static final int MOST_CHARACTERS = 64 << 10;

  private static final ContextNeeds ALL = new ContextNeeds(true, Set.of());

  ContextNeeds {
    paths = Set.copyOf(paths);
  }

  /** @param triggers of an image that a FROM names; absent when they are not known before it is pulled */
  static ContextNeeds of(BuildRequest request, String dockerfile, Function<String, @Nullable List<String>> triggers) {
    if (!request.contexts().isEmpty()) {
      return ALL; // any of them may bring triggers in the place of a stage or an image
    }
    try {
      return new Reader(Dockerfile.parse(request.dockerfile(), dockerfile), request, triggers).read();
    } catch (TallymanException e) {
      return ALL; // the build tells what is wrong when it comes there
    }
  }

  private static final class Reader {
    private final Dockerfile file;
    private final BuildRequest request;
    private final Function<String, @Nullable List<String>> triggers;
    private final Words globals;
    private final Set<String> paths = new TreeSet<>();
    private boolean isAll;

    Reader(Dockerfile file, BuildRequest request, Function<String, @Nullable List<String>> triggers) {
      this.file = file;
      this.request = request;
      this.triggers = triggers;
      Map<String, String> values = GlobalArguments.of(file, request.arguments()).values();
      this.globals = file.words(values::get);
    }

    ContextNeeds read() {
      StagePlan plan = new StagePlan(file, request.target(), this::from, stage -> false);
      for (Stage stage : plan.stages()) {
        String base = from(stage).image();
        if (plan.earlier(base, stage) == null && !base.equals(Build.SCRATCH)) {
          ofImage(base);
        }
        stage.instructions().forEach(this::add);
      }
      boolean isTooMuch = paths.size() > MOST_PATHS || paths.stream().mapToInt(String::length).sum() > MOST_CHARACTERS;
      return isAll || isTooMuch ? ALL : new ContextNeeds(false, paths);
    }

    private Instruction.From from(Stage stage) {
      return file.expand(stage.from(), globals);
    }

    private void ofImage(String name) {
      List<String> known = triggers.apply(name);
      if (known == null) {
        isAll = true;
      } else {
        known.forEach(each -> add(Dockerfile.trigger(each)));
      }
    }

    private void add(Instruction instruction) {
      if (instruction instanceof Instruction.Copy copy && copy.from().isEmpty()) {
        copy.sources().paths().forEach(each -> add(each, copy.keepsParents()));
      } else if (instruction instanceof Instruction.Add add) {
        add.sources().paths().stream().filter(each -> !RemoteUrl.is(each) && !GitAddress.is(each)).forEach(each -> add(each, false));
      } else if (instruction instanceof Instruction.Run run) {
        Words words = words();
        List<RunMount> mounts = file.mounts(run, words);
        isAll |= !words.missing().isEmpty();
        mounts.stream().filter(each -> each.type() == RunMount.Type.BIND && each.from().isEmpty()).forEach(each -> path(CopySources.clean(each.source()), false));
      } else if (instruction instanceof Instruction.OnBuild) {
        isAll = true; // for a stage that begins with this one
      }
    }

    /** What variables have is known only when the steps before are done. */
    private Words words() {
      return file.words(name -> null);
    }

    private void add(String written, boolean keepsParents) {
      Words words = words();
      String source = words.word(written);
      path(keepsParents ? ParentPattern.of(source).whole() : CopySources.clean(source), keepsParents);
      isAll |= !words.missing().isEmpty();
    }

    private void path(String path, boolean keepsParents) {
      boolean isPattern = CopySources.hasWildcard(path);
      // Of patterns the client knows the plain ones, and a '!' in front means something else to it.
      boolean isOdd = path.contains("**") || path.contains("[") || path.contains("\\") || path.startsWith("!") || !path.equals(path.strip()) || path.chars().anyMatch(each -> each < ' ');
      // In what a pattern before the last part leads to, it does not follow links.
      boolean isEarly = CopySources.hasWildcard(path.substring(0, Math.max(0, path.lastIndexOf('/'))));
      isAll |= path.isEmpty() || isOdd || isEarly || isPattern && keepsParents;
      paths.add(path);
    }
  }

  /** In order, as a client is asked for them; none = all. */
  List<String> asked() {
    return paths.stream().sorted().toList();
  }

  boolean isNothing() {
    return !isAll && paths.isEmpty();
  }
}
