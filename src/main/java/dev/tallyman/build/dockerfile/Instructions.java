package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** From a line's pieces to the instruction they mean. Errors have no place yet; their texts are Docker's. */
final class Instructions {
  static final List<String> NAMES = List.of(
      "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER",
      "VOLUME", "WORKDIR");

  private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");
  private static final Pattern ONBUILD = Pattern.compile("^\\s*ONBUILD\\s*", Pattern.CASE_INSENSITIVE);

  private final Node node;
  private final String command;
  private final List<String> arguments;
  private final String original;

  private Instructions(Node node) {
    this.node = node;
    this.command = node.command();
    this.arguments = node.arguments();
    this.original = Blanks.trimmed(node.original());
  }

  static Instruction of(Node node) {
    return new Instructions(node).read();
  }

  private Instruction read() {
    return switch (command) {
      case "ADD", "COPY" -> files();
      case "ARG" -> arg();
      case "CMD" -> new Instruction.Cmd(node.at(), original, withoutFlags(form(arguments)));
      case "ENTRYPOINT" -> new Instruction.Entrypoint(node.at(), original, withoutFlags(form(arguments)));
      case "ENV" -> new Instruction.Env(node.at(), original, pairs());
      case "EXPOSE" -> new Instruction.Expose(node.at(), original, withoutFlags(atLeastOne()).stream().sorted().toList());
      case "FROM" -> from();
      case "HEALTHCHECK" -> Healthchecks.of(node, original);
      case "LABEL" -> new Instruction.Label(node.at(), original, pairs());
      case "MAINTAINER" -> new Instruction.Maintainer(node.at(), original, exactlyOne());
      case "ONBUILD" -> onBuild();
      case "RUN" -> run();
      case "SHELL" -> shell();
      case "STOPSIGNAL" -> new Instruction.StopSignal(node.at(), original, exactlyOne());
      case "USER" -> new Instruction.User(node.at(), original, exactlyOne());
      case "VOLUME" -> volume();
      case "WORKDIR" -> new Instruction.Workdir(node.at(), original, exactlyOne());
      default -> throw unknown();
    };
  }

  private DockerfileException unknown() {
    String near = Suggestion.nearest(command, NAMES);
    String hint = near.isEmpty() ? "" : " (did you mean " + (node.keyword().equals(command) ? near : near.toLowerCase(Locale.ROOT)) + "?)";
    return new DockerfileException("unknown instruction: " + node.keyword() + hint, node.keyword(), "one of " + String.join(", ", NAMES));
  }

  private Instruction from() {
    if (arguments.size() != 1 && !(arguments.size() == 3 && arguments.get(1).equalsIgnoreCase("as"))) {
      throw new DockerfileException("FROM requires either one or three arguments", null, "FROM image or FROM image AS name");
    }
    String alias = arguments.size() == 3 ? arguments.get(2).toLowerCase(Locale.ROOT) : null;
    if (alias != null && !STAGE_NAME.matcher(alias).matches()) {
      String written = arguments.get(2);
      String reason = "invalid name for build stage: " + Quoting.quoted(written) + ", name can't start with a number or contain symbols";
      throw new DockerfileException(reason, written, "a letter, then letters, digits, and any of - _ .");
    }
    Flags flags = Flags.of(node.flags(), Set.of(), Set.of("platform"), Set.of());
    return new Instruction.From(node.at(), original, arguments.get(0), flags.text("platform"), alias);
  }

  private Instruction run() {
    Flags flags = Flags.of(node.flags(), Set.of(), Set.of("network", "security"), Set.of("mount", "device"));
    CommandForm form = form(arguments);
    if (form.isShell() && form.words().get(0).isEmpty() || form.words().isEmpty()) {
      throw new DockerfileException("RUN requires at least one argument", null, "a command");
    }
    String network = oneOf(flags.text("network", "default"), List.of("default", "none", "host"), "invalid network mode %s");
    String security = oneOf(flags.text("security", "sandbox"), List.of("sandbox", "insecure"), "security %s is not valid");
    flags.all("mount").forEach(MountText::check);
    return new Instruction.Run(node.at(), original, form, node.hereDocs(), flags.all("mount"), network, security, flags.all("device"));
  }

  private static String oneOf(String value, List<String> known, String refusal) {
    if (!known.contains(value)) {
      throw new DockerfileException(String.format(Locale.ROOT, refusal, Quoting.quoted(value)), value, "one of " + String.join(", ", known));
    }
    return value;
  }

  private Instruction files() {
    if (arguments.size() < 2) {
      String reason = command + " requires at least two arguments, but only one was provided. Destination could not be determined";
      throw new DockerfileException(reason, null, command + " source target");
    }
    if (command.equals("COPY")) {
      Flags flags = Flags.of(node.flags(), Set.of("link", "parents"), Set.of("chown", "from", "chmod"), Set.of("exclude"));
      return new Instruction.Copy(
          node.at(), original, sources(), flags.text("from"), flags.text("chown"), flags.text("chmod"), flags.isOn("link"), flags.isOn("parents"),
          flags.all("exclude"));
    }
    Flags flags = Flags.of(node.flags(), Set.of("link", "keep-git-dir", "unpack"), Set.of("chown", "chmod", "checksum"), Set.of("exclude"));
    return new Instruction.Add(
        node.at(), original, sources(), flags.text("chown"), flags.text("chmod"), flags.isOn("link"), flags.all("exclude"), flags.text("checksum"),
        flags.maybe("keep-git-dir"), flags.maybe("unpack"));
  }

  private FileSources sources() {
    String target = arguments.get(arguments.size() - 1);
    if (!node.isJson() && HereDocs.word(target) != null) {
      throw new DockerfileException(command + " cannot accept a heredoc as a destination", target, "a path");
    }
    List<String> paths = new ArrayList<>();
    List<HereDoc> files = new ArrayList<>();
    for (String source : arguments.subList(0, arguments.size() - 1)) {
      HereDoc opened = node.isJson() ? null : HereDocs.word(source);
      if (opened == null) {
        paths.add(source);
      } else {
        String content = node.hereDocs().stream().filter(doc -> doc.name().equals(opened.name())).reduce("", (before, doc) -> doc.content(), (a, b) -> b);
        files.add(new HereDoc(opened.name(), content, opened.isExpanded(), opened.isChomped()));
      }
    }
    return new FileSources(paths, files, target);
  }

  private List<Pair> pairs() {
    Flags.none(node.flags());
    atLeastOne();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i += 3) {
      pairs.add(new Pair(named(arguments.get(i)), arguments.get(i + 1), arguments.get(i + 2).isEmpty()));
    }
    return pairs;
  }

  private Instruction arg() {
    Flags.none(node.flags());
    List<Instruction.Arg.Value> values = new ArrayList<>();
    for (String word : atLeastOne()) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : named(word.substring(0, equals));
      values.add(new Instruction.Arg.Value(name, equals < 0 ? null : word.substring(equals + 1)));
    }
    return new Instruction.Arg(node.at(), original, values);
  }

  private String named(String name) {
    if (name.isEmpty()) {
      throw new DockerfileException(command + " names can not be blank", null, command + " name=value");
    }
    return name;
  }

  private Instruction onBuild() {
    Node child = node.child();
    if (child == null) {
      throw atLeastOneArgument();
    }
    Flags.none(node.flags());
    if (child.command().equals("MAINTAINER") || child.command().equals("FROM")) {
      throw new DockerfileException(child.command() + " isn't allowed as an ONBUILD trigger", child.keyword(), "another instruction");
    }
    StringBuilder trigger = new StringBuilder(ONBUILD.matcher(node.original()).replaceFirst(""));
    node.hereDocs().forEach(doc -> trigger.append('\n').append(doc.content()).append(doc.name()));
    return new Instruction.OnBuild(node.at(), original, trigger.toString());
  }

  private Instruction shell() {
    Flags.none(node.flags());
    if (arguments.isEmpty()) {
      throw atLeastOneArgument();
    }
    if (!node.isJson()) {
      throw new DockerfileException("SHELL requires the arguments to be in JSON form", null, "SHELL [\"executable\", \"parameter\"]");
    }
    return new Instruction.Shell(node.at(), original, arguments);
  }

  private Instruction volume() {
    Flags.none(node.flags());
    List<String> paths = new ArrayList<>();
    for (String path : atLeastOne()) {
      if (Blanks.trimmed(path).isEmpty()) {
        throw new DockerfileException("VOLUME specified can not be an empty string", null, "a path");
      }
      paths.add(Blanks.trimmed(path));
    }
    return new Instruction.Volume(node.at(), original, paths);
  }

  private CommandForm form(List<String> words) {
    return form(words, node.isJson());
  }

  /** The shell form has one text always, an empty one when nothing was written. */
  static CommandForm form(List<String> words, boolean isJson) {
    return isJson ? new CommandForm(false, words) : new CommandForm(true, List.of(String.join(" ", words)));
  }

  private List<String> atLeastOne() {
    if (arguments.isEmpty()) {
      throw atLeastOneArgument();
    }
    return arguments;
  }

  private DockerfileException atLeastOneArgument() {
    return new DockerfileException(command + " requires at least one argument", null, "an argument after " + command);
  }

  private String exactlyOne() {
    if (arguments.size() != 1) {
      throw new DockerfileException(command + " requires exactly one argument", null, "an argument after " + command);
    }
    return withoutFlags(arguments.get(0));
  }

  private <T> T withoutFlags(T value) {
    Flags.none(node.flags());
    return value;
  }
}
