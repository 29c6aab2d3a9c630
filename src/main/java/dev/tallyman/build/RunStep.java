package dev.tallyman.build;

import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.StepResult.Inputs;
import dev.tallyman.build.dockerfile.HereDoc;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.RunMount;
import dev.tallyman.container.Loan;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images.Image;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.SecretFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** RUN: a container of the image so far; what it changed is a layer. */
final class RunStep {
  /** Mounts with which a command has nothing that is not in the context, in an image or in a cache. */
  private static final Set<RunMount.Type> KEEPING = Set.of(RunMount.Type.BIND, RunMount.Type.CACHE, RunMount.Type.TMPFS);

  private final StageBuild stage;
  private final Build build;

  RunStep(StageBuild stage) {
    this.stage = stage;
    this.build = stage.build;
  }

  void perform(Instruction.Run run, List<RunMount> wishes) {
    Image image = stage.current();
    refuse(run);
    if (image == null) {
      throw new Refused("there is nothing to run a command in: the stage begins with scratch and has no files yet");
    }
    HereDoc script = run.scriptFile();
    List<String> words = script == null ? run.commandWithHereDocs().command(stage.draft().shell()) : List.of(RunMounts.SCRIPTS + "/" + script.name());
    Map<String, String> environment = stage.draft().environment();
    List<String> pairs = stage.arguments().visible(environment);
    List<String> declared = stage.arguments().all(environment);
    String shown = (declared.isEmpty() ? "" : "|" + declared.size() + " " + String.join(" ", declared) + " ") + String.join(" ", words);
    String flags = String.join("", run.mountTexts().stream().map(each -> "--mount=" + each + " ").toList());
    try (RunMounts mounts = new RunMounts(stage, wishes, script)) {
      // With lengths, and not as the history has them: a value may have blanks, and an argument that is unset is none that is empty.
      String seen = StageArguments.exact(words) + "\0" + StageArguments.exact(pairs);
      String extra = run.network() + "\0" + build.request.network() + "\0" + build.request.extraHosts() + "\0" + seen + "\0" + (wishes.isEmpty() && script == null ? "" : flags + mounts.key());
      stage.commit("RUN " + shown + HistoryText.MARK, new Inputs(extra, mounts.images()), null, () -> files(image, run, words, pairs, mounts, wishes));
    }
  }

  private static void refuse(Instruction.Run run) {
    if (run.security().equals("insecure")) {
      throw new Refused("RUN --security=insecure is not allowed by this server");
    }
    if (!run.devices().isEmpty()) {
      throw new Refused("RUN --device is not supported by this server: no devices are given to builds");
    }
  }

  private ImageSteps.Files files(Image image, Instruction.Run run, List<String> words, List<String> pairs, RunMounts mounts, List<RunMount> wishes) {
    List<String> env = new ArrayList<>(stage.arguments().proxies(build.request.arguments(), build.consumed));
    env.addAll(pairs);
    String container = build.parts.containers.create(build.caller, build.id, build.request, new RunContainers.Command(image.id(), words, env, run.network()));
    boolean isKept = false;
    try {
      stage.output.remark(" ---> Running in " + Build.shortId(container));
      Loan loan = mounts.lend(container, image.layers(), String.join(" ", words));
      int code;
      try {
        code = build.parts.containers.run(build.caller, container, loan, output(wishes), build.cancellation);
      } finally {
        loan.files().forEach(SecretFile::wipe);
      }
      if (code != 0) {
        isKept = build.request.keepsContainers() && !build.request.removesAlways();
        throw new BuildException(String.join(" ", words), code);
      }
      try (InputStream changes = mounts.layer(FilePipe.open(build.parts.threads, out -> build.parts.sandboxes.diff(container, image.layers(), out)))) {
        isKept = build.request.keepsContainers() && !build.request.removesAlways();
        return build.parts.steps.take(build.caller, changes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } finally {
      if (!isKept) {
        build.parts.containers.remove(build.caller, container);
        stage.output.remark(" ---> Removed intermediate container " + Build.shortId(container));
      }
    }
  }

  /** What a command writes is kept for the record, unless it is given what nobody but it may know. */
  private RunContainers.Written output(List<RunMount> wishes) {
    if (!KEEPING.containsAll(wishes.stream().map(RunMount::type).toList())) {
      build.trace.wrote(stage.stage.index(), "[what a command with secrets writes is not kept]\n");
      return this::tell;
    }
    return (isError, text) -> {
      build.trace.wrote(stage.stage.index(), text);
      tell(isError, text);
    };
  }

  private void tell(boolean isError, String text) {
    if (isError) {
      stage.output.errors(text);
    } else {
      stage.output.text(text);
    }
  }
}
