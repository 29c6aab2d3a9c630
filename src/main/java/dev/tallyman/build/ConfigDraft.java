package dev.tallyman.build;

import dev.tallyman.build.dockerfile.CommandForm;
import dev.tallyman.build.dockerfile.ExposedPorts;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.error.Credentials;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ConfigChanges;
import dev.tallyman.image.ImageConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The configuration of an image while instructions change it. */
final class ConfigDraft {
  private static final List<String> SHELL = List.of("/bin/sh", "-c");
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ImageConfig config;
  private boolean hasSetCmd;

  private ConfigDraft(ImageConfig from) {
    this.config = from;
  }

  /** Of a stage: what it stands on, with a PATH even if that has none, so that instructions can add to it. */
  static ConfigDraft ofStage(ImageConfig base) {
    ConfigDraft draft = new ConfigDraft(base);
    if (!draft.environment().containsKey("PATH")) {
      List<String> env = new ArrayList<>(base.env());
      env.add("PATH=" + PATH);
      draft.config = draft.with(List.copyOf(env), base.labels(), base.volumes());
    }
    return draft;
  }

  /** Of a stage that begins with nothing. */
  static ConfigDraft ofScratch() {
    ConfigDraft draft = ofStage(ImageConfig.empty());
    draft.config = draft.withWorkingDir("/");
    return draft;
  }

  ImageConfig config() {
    return config;
  }

  List<String> shell() {
    return config.shell().isEmpty() ? SHELL : config.shell();
  }

  Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String pair : config.env()) {
      int equals = pair.indexOf('=');
      variables.put(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
    }
    return variables;
  }

  /** The absolute path that a relative one means. */
  String absolute(String path) {
    String whole = path.startsWith("/") ? path : config.workingDir() + "/" + path;
    return "/" + CopySources.clean(whole);
  }

  /** @return the text for the history. Instructions with files and ARG are not for this */
  String apply(Instruction instruction) {
    if (instruction instanceof Instruction.Env env) {
      Map<String, String> variables = environment();
      env.pairs().forEach(pair -> variables.put(pair.key(), pair.value()));
      config = with(variables.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList(), config.labels(), config.volumes());
      return "ENV " + String.join(" ", env.pairs().stream().map(pair -> pair.key() + "=" + pair.value()).toList());
    }
    if (instruction instanceof Instruction.Label label) {
      Map<String, String> labels = new LinkedHashMap<>(config.labels());
      label.pairs().forEach(pair -> labels.put(pair.key(), pair.value()));
      config = with(config.env(), labels, config.volumes());
      return "LABEL " + String.join(" ", label.pairs().stream().map(pair -> pair.key() + "=" + pair.value()).toList());
    }
    if (instruction instanceof Instruction.Volume volume) {
      Set<String> volumes = new LinkedHashSet<>(config.volumes());
      volumes.addAll(volume.paths());
      config = with(config.env(), config.labels(), List.copyOf(volumes));
      return "VOLUME " + HistoryText.list(volume.paths());
    }
    if (instruction instanceof Instruction.Expose expose) {
      Set<String> ports = new LinkedHashSet<>(config.exposedPorts());
      List<String> own = ExposedPorts.of(expose.ports()).stream().distinct().sorted().toList();
      ports.addAll(own);
      config = with(config.user(), List.copyOf(ports), config.entrypoint(), config.cmd(), config.workingDir(), config.shell(), config.onBuild(), config.healthcheck());
      return "EXPOSE " + HistoryText.list(own);
    }
    if (instruction instanceof Instruction.Cmd cmd) {
      hasSetCmd = true;
      config = with(config.user(), config.exposedPorts(), config.entrypoint(), command(cmd.command()), config.workingDir(), config.shell(), config.onBuild(), config.healthcheck());
      return "CMD " + HistoryText.quoted(config.cmd());
    }
    if (instruction instanceof Instruction.Entrypoint entrypoint) {
      // The inherited CMD belonged to the inherited ENTRYPOINT.
      List<String> cmd = hasSetCmd ? config.cmd() : List.of();
      config = with(config.user(), config.exposedPorts(), command(entrypoint.command()), cmd, config.workingDir(), config.shell(), config.onBuild(), config.healthcheck());
      return "ENTRYPOINT " + HistoryText.quoted(config.entrypoint());
    }
    return applyRest(instruction);
  }

  private String applyRest(Instruction instruction) {
    if (instruction instanceof Instruction.Workdir workdir) {
      config = withWorkingDir(absolute(workdir.path()));
      return "WORKDIR " + config.workingDir();
    }
    if (instruction instanceof Instruction.User user) {
      config = with(user.user(), config.exposedPorts(), config.entrypoint(), config.cmd(), config.workingDir(), config.shell(), config.onBuild(), config.healthcheck());
      return "USER " + user.user();
    }
    if (instruction instanceof Instruction.Shell shell) {
      config = with(config.user(), config.exposedPorts(), config.entrypoint(), config.cmd(), config.workingDir(), shell.shell(), config.onBuild(), config.healthcheck());
      return "SHELL " + HistoryText.list(shell.shell());
    }
    if (instruction instanceof Instruction.OnBuild trigger) {
      List<String> all = new ArrayList<>(config.onBuild());
      if (!Credentials.removed(trigger.trigger()).equals(trigger.trigger())) {
        throw new TallymanException(ErrorKind.INVALID, "an address of ONBUILD has a name or password in it, which everybody who gets the image could read");
      }
      all.add(trigger.trigger());
      config = with(config.user(), config.exposedPorts(), config.entrypoint(), config.cmd(), config.workingDir(), config.shell(), all, config.healthcheck());
    } else if (instruction instanceof Instruction.Healthcheck check) {
      ImageConfig.Healthcheck made = healthcheck(check);
      config = with(config.user(), config.exposedPorts(), config.entrypoint(), config.cmd(), config.workingDir(), config.shell(), config.onBuild(), made);
      return "HEALTHCHECK " + HistoryText.quoted(made);
    }
    if (instruction instanceof Instruction.StopSignal signal) {
      config = ConfigChanges.apply(config, List.of("STOPSIGNAL " + signal.signal()));
      return "STOPSIGNAL " + signal.signal();
    }
    return instruction.original();
  }

  void clearTriggers() {
    config = with(config.user(), config.exposedPorts(), config.entrypoint(), config.cmd(), config.workingDir(), config.shell(), List.of(), config.healthcheck());
  }

  private List<String> command(CommandForm form) {
    return form.command(shell());
  }

  private static ImageConfig.Healthcheck healthcheck(Instruction.Healthcheck check) {
    CommandForm command = check.command();
    List<String> test = new ArrayList<>(List.of(command == null ? "NONE" : command.isShell() ? "CMD-SHELL" : "CMD"));
    test.addAll(command == null ? List.of() : command.words());
    return new ImageConfig.Healthcheck(
        List.copyOf(test), check.interval().toNanos(), check.timeout().toNanos(), check.startPeriod().toNanos(), check.startInterval().toNanos(), check.retries());
  }

  private ImageConfig withWorkingDir(String path) {
    return with(config.user(), config.exposedPorts(), config.entrypoint(), config.cmd(), path, config.shell(), config.onBuild(), config.healthcheck());
  }

  private ImageConfig with(List<String> env, Map<String, String> labels, List<String> volumes) {
    return new ImageConfig(
        config.user(), config.exposedPorts(), env, config.entrypoint(), config.cmd(), volumes, config.workingDir(), labels, config.stopSignal(), config.shell(), config.onBuild(),
        config.healthcheck());
  }

  private ImageConfig with(
      String user, List<String> ports, List<String> entrypoint, List<String> cmd, String workingDir, List<String> shell, List<String> onBuild,
      ImageConfig.@org.jspecify.annotations.Nullable Healthcheck healthcheck) {
    return new ImageConfig(
        user, ports, config.env(), entrypoint, cmd, config.volumes(), workingDir, config.labels(), config.stopSignal(), shell, List.copyOf(onBuild), healthcheck);
  }
}
