package dev.tallyman.build.dockerfile;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One stage, instruction by instruction. */
final class StageWalk {
  private final Dockerfile file;
  private final CheckFacts facts;
  private final Checks.Findings findings;
  private final Map<String, String> globals;
  private final StageVariables stage;
  private final Set<String> arguments = new HashSet<>();
  private final Map<String, Node> last = new HashMap<>();

  StageWalk(Dockerfile file, CheckFacts facts, Checks.Findings findings, Map<String, String> globals, StageVariables stage) {
    this.file = file;
    this.facts = facts;
    this.findings = findings;
    this.globals = globals;
    this.stage = stage;
  }

  void step(Node node, Instruction written) {
    if (written instanceof Instruction.Arg arg) {
      arg.values().forEach(value -> argument(node, value));
      return;
    }
    Words words = words();
    Instruction instruction;
    try {
      instruction = file.expand(written, words);
      if (written instanceof Instruction.Run run) {
        run.mounts(words);
      }
    } catch (DockerfileException refused) {
      // The build will say so itself.
      return;
    }
    if (!(instruction instanceof Instruction.Expose)) {
      undefined(node, words.missing());
    }
    apply(node, instruction);
  }

  private void apply(Node node, Instruction instruction) {
    if (instruction instanceof Instruction.Env env) {
      env.pairs().forEach(pair -> stage.put(pair.key(), pair.value()));
    } else if (instruction instanceof Instruction.Workdir workdir) {
      workdir(node, workdir.path());
    } else if (instruction instanceof Instruction.Shell) {
      stage.setShell();
    } else if (instruction instanceof Instruction.Cmd cmd) {
      once(node);
      recommendJson(node, cmd.command());
    } else if (instruction instanceof Instruction.Entrypoint entrypoint) {
      once(node);
      recommendJson(node, entrypoint.command());
    } else if (instruction instanceof Instruction.Healthcheck) {
      once(node);
    } else if (instruction instanceof Instruction.Expose expose) {
      expose.ports().forEach(port -> port(node, port));
    } else if (instruction instanceof Instruction.Copy copy && copy.from().isEmpty()) {
      copy.sources().paths().forEach(path -> source(node, "Copy", path));
    } else if (instruction instanceof Instruction.Add add) {
      add.sources().paths().stream().filter(path -> !path.contains("://") && !path.startsWith("git@")).forEach(path -> source(node, "Add", path));
    }
  }

  private Words words() {
    return file.words(Lookup.of(stage.values()));
  }

  private void argument(Node node, Instruction.Arg.Value value) {
    arguments.add(value.name());
    String given = facts.buildArguments().get(value.name());
    if (given == null && value.value() == null) {
      given = globals.get(value.name());
    } else if (given == null) {
      Words words = words();
      given = StageChecks.expanded(value.value(), words);
      arguments.remove(value.name());
      undefined(node, words.missing());
      arguments.add(value.name());
    }
    if (given != null) {
      stage.put(value.name(), given);
    }
  }

  private void undefined(Node node, Set<String> missing) {
    for (String name : stage.isComplete() && !findings.isFull() ? new TreeSet<>(missing) : Set.<String>of()) {
      if (!arguments.contains(name)) {
        String near = Suggestion.nearestExact(name, stage.values().keySet());
        String hint = near.isEmpty() ? "" : " (did you mean $" + near + "?)";
        findings.add(CheckRule.UNDEFINED_VAR, node, "Usage of undefined variable '$" + name + "'" + hint);
      }
    }
  }

  private void workdir(Node node, String path) {
    if (!stage.hasWorkdir() && !path.startsWith("/")) {
      String detail = "Relative workdir " + Quoting.quoted(path) + " can have unexpected results if the base image changes";
      findings.add(CheckRule.WORKDIR_RELATIVE_PATH, node, detail);
    }
    stage.setWorkdir();
  }

  /** The place is that of the instruction before, because it is the one without effect. */
  private void once(Node node) {
    Node before = last.put(node.command(), node);
    if (before != null) {
      String detail = "Multiple " + node.keyword() + " instructions should not be used in the same stage because only the last one will be used";
      findings.add(CheckRule.MULTIPLE_INSTRUCTIONS_DISALLOWED, before, detail);
    }
  }

  private void recommendJson(Node node, CommandForm command) {
    if (command.isShell() && !stage.hasShell()) {
      String detail = "JSON arguments recommended for " + node.keyword() + " to prevent unintended behavior related to OS signals";
      findings.add(CheckRule.JSON_ARGS_RECOMMENDED, node, detail);
    }
  }

  private void port(Node node, String port) {
    String protocol = ExposedPorts.containerPart(port).replaceFirst("^[^/]*/?", "");
    if (!protocol.equals(protocol.toLowerCase(Locale.ROOT))) {
      findings.add(CheckRule.EXPOSE_PROTO_CASING, node, "Defined protocol '" + port + "' in EXPOSE instruction should be lowercase");
    }
    if (port.length() > ExposedPorts.containerPart(port).length() + 1) {
      String detail = "EXPOSE instruction should not define an IP address or host-port mapping, found '" + port + "'";
      findings.add(CheckRule.EXPOSE_INVALID_FORMAT, node, detail);
    }
  }

  /** With exceptions in the file nothing can be said: a folder may be out and something in it in. */
  private void source(Node node, String command, String path) {
    DockerIgnore ignored = facts.ignored();
    if (ignored == null || ignored.hasExceptions()) {
      return;
    }
    String clean = DockerIgnore.cleaned(path);
    boolean isRoot = clean.equals(".") || clean.equals("/");
    if (isRoot ? ignored.hasAny(List.of("*", "**", "**/*")) : ignored.excludes(clean.startsWith("/") ? clean.substring(1) : clean)) {
      findings.add(CheckRule.COPY_IGNORED_FILE, node, "Attempting to " + command + " file " + Quoting.quoted(clean) + " that is excluded by .dockerignore");
    }
  }
}
