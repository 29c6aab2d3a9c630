package dev.tallyman.build.dockerfile;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One instruction, its values as written. {@link #expanded} puts values in the place of variables in those parts that have them; a record
 * that does not override it has none.
 */
public sealed interface Instruction {
  Position at();

  /** The instruction's text on one line: continuation lines joined, comments dropped, here-documents left out. */
  String original();

  /** The same instruction with its variables expanded; throws {@link DockerfileException}. */
  default Instruction expanded(Expander expander) {
    return this;
  }

  /**
   * FROM. Variables are those of ARG before the first FROM, the platform ones among them.
   *
   * @param platform empty when not given
   */
  record From(Position at, String original, String image, String platform, @Nullable String alias) implements Instruction {
    @Override
    public From expanded(Expander expander) {
      return new From(at, original, expander.word(image), expander.word(platform), alias);
    }
  }

  /**
   * RUN. Only its mounts have variables.
   *
   * @param mountTexts as written, see {@link #mounts}
   * @param network default, none or host
   * @param security sandbox or insecure
   * @param devices as written, {@code name[,required]}
   */
  record Run(
      Position at, String original, CommandForm command, List<HereDoc> hereDocs, List<String> mountTexts, String network, String security, List<String> devices)
      implements Instruction {
    public Run {
      hereDocs = List.copyOf(hereDocs);
      mountTexts = List.copyOf(mountTexts);
      devices = List.copyOf(devices);
    }

    /** The mounts with their variables expanded; throws {@link DockerfileException} for what their types do not know. */
    public List<RunMount> mounts(Expander expander) {
      return mountTexts.stream().map(text -> MountText.parse(text, expander)).toList();
    }

    /** Stages and images that mounts have files from. */
    public List<String> mountSources() {
      return mountTexts.stream().map(MountText::from).filter(name -> !name.isEmpty()).toList();
    }

    /**
     * The here-document that is a program of its own, because it is all there is and opens with {@code #!}: its text goes into an
     * executable file, which is run instead of the shell. Null otherwise.
     */
    public @Nullable HereDoc scriptFile() {
      return isOneHereDoc() && hereDocs.get(0).content().startsWith("#!") ? hereDocs.get(0) : null;
    }

    /** The command with here-documents put into the shell's text, as the shell is to read it. */
    public CommandForm commandWithHereDocs() {
      if (hereDocs.isEmpty()) {
        return command;
      }
      if (isOneHereDoc()) {
        return new CommandForm(true, List.of(hereDocs.get(0).text()));
      }
      StringBuilder all = new StringBuilder(command.words().get(0));
      hereDocs.forEach(doc -> all.append('\n').append(doc.content()).append(doc.name()));
      return new CommandForm(true, List.of(all.toString()));
    }

    private boolean isOneHereDoc() {
      return !hereDocs.isEmpty() && HereDocs.word(command.words().get(0)) != null;
    }
  }

  /**
   * COPY.
   *
   * @param from stage, image or named context; empty: the build's context. Has no variables
   * @param chown as written; empty when not given
   * @param chmod octal or symbolic; empty when not given
   */
  record Copy(
      Position at, String original, FileSources sources, String from, String chown, String chmod, boolean isLinked, boolean keepsParents, List<String> excludes)
      implements Instruction {
    public Copy {
      excludes = List.copyOf(excludes);
    }

    @Override
    public Copy expanded(Expander expander) {
      return new Copy(at, original, sources.expanded(expander), from, expander.word(chown), expander.word(chmod), isLinked, keepsParents, excludes);
    }
  }

  /**
   * ADD.
   *
   * @param checksum empty when not given
   * @param keepsGitDir null when not given
   * @param unpacks null when not given: archives of the context are unpacked, downloaded ones are not
   */
  record Add(
      Position at, String original, FileSources sources, String chown, String chmod, boolean isLinked, List<String> excludes, String checksum,
      @Nullable Boolean keepsGitDir, @Nullable Boolean unpacks)
      implements Instruction {
    public Add {
      excludes = List.copyOf(excludes);
    }

    @Override
    public Add expanded(Expander expander) {
      return new Add(
          at, original, sources.expanded(expander), expander.word(chown), expander.word(chmod), isLinked, excludes, expander.word(checksum), keepsGitDir, unpacks);
    }
  }

  /** ENV. All pairs of a line see the values from before the line. */
  record Env(Position at, String original, List<Pair> pairs) implements Instruction {
    public Env {
      pairs = List.copyOf(pairs);
    }

    @Override
    public Env expanded(Expander expander) {
      return new Env(at, original, expandedPairs(pairs, expander));
    }
  }

  /** LABEL. */
  record Label(Position at, String original, List<Pair> pairs) implements Instruction {
    public Label {
      pairs = List.copyOf(pairs);
    }

    @Override
    public Label expanded(Expander expander) {
      return new Label(at, original, expandedPairs(pairs, expander));
    }
  }

  /**
   * ARG. Each value sees the arguments before it, on the same line, too; so whoever executes it expands value by value with
   * {@link Expander#word}, and only when no build argument takes its place.
   */
  record Arg(Position at, String original, List<Value> values) implements Instruction {
    public Arg {
      values = List.copyOf(values);
    }

    /** An argument and its default as written; null: none. */
    public record Value(String name, @Nullable String value) {}
  }

  /** CMD. */
  record Cmd(Position at, String original, CommandForm command) implements Instruction {}

  /** ENTRYPOINT. */
  record Entrypoint(Position at, String original, CommandForm command) implements Instruction {}

  /** WORKDIR. */
  record Workdir(Position at, String original, String path) implements Instruction {
    @Override
    public Workdir expanded(Expander expander) {
      return new Workdir(at, original, expander.word(path));
    }
  }

  /** USER. */
  record User(Position at, String original, String user) implements Instruction {
    @Override
    public User expanded(Expander expander) {
      return new User(at, original, expander.word(user));
    }
  }

  /** EXPOSE, sorted. A variable may stand for several ports. */
  record Expose(Position at, String original, List<String> ports) implements Instruction {
    public Expose {
      ports = List.copyOf(ports);
    }

    @Override
    public Expose expanded(Expander expander) {
      return new Expose(at, original, ports.stream().flatMap(port -> expander.words(port).stream()).toList());
    }
  }

  /** VOLUME. */
  record Volume(Position at, String original, List<String> paths) implements Instruction {
    public Volume {
      paths = List.copyOf(paths);
    }

    @Override
    public Volume expanded(Expander expander) {
      return new Volume(at, original, paths.stream().map(expander::word).toList());
    }
  }

  /**
   * HEALTHCHECK.
   *
   * @param command null: NONE
   * @param interval zero when not given; so are the other durations
   * @param retries 0 when not given
   */
  record Healthcheck(
      Position at, String original, @Nullable CommandForm command, Duration interval, Duration timeout, Duration startPeriod, Duration startInterval, int retries)
      implements Instruction {}

  /** SHELL. */
  record Shell(Position at, String original, List<String> shell) implements Instruction {
    public Shell {
      shell = List.copyOf(shell);
    }
  }

  /** STOPSIGNAL. */
  record StopSignal(Position at, String original, String signal) implements Instruction {
    @Override
    public StopSignal expanded(Expander expander) {
      return new StopSignal(at, original, expander.word(signal));
    }
  }

  /** MAINTAINER. */
  record Maintainer(Position at, String original, String name) implements Instruction {}

  /** ONBUILD: {@code trigger} is the text of an instruction with its here-documents, read by {@link Dockerfile#trigger} when it runs. */
  record OnBuild(Position at, String original, String trigger) implements Instruction {}

  private static List<Pair> expandedPairs(List<Pair> pairs, Expander expander) {
    return pairs.stream().map(pair -> new Pair(expander.word(pair.key()), expander.word(pair.value()), pair.legacy())).collect(Collectors.toUnmodifiableList());
  }
}
