package dev.tallyman.container;

import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.Images;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Merges a specification with its image's configuration, by Docker's rules. */
final class ImageDefaults {
  private ImageDefaults() {}

  /** @throws dev.tallyman.error.TallymanException INVALID: no command specified, or a value of the image that no container can have */
  static Plan merge(ContainerSpec spec, Images.Image image) {
    ImageConfig config = image.config();
    List<String> command = command(spec, config);
    String workdir = given(spec.workingDir(), config.workingDir());
    SpecRules.checkWorkdir(workdir);
    String user = given(spec.user(), config.user());
    SpecRules.checkUser(user);
    List<String> env = Environment.merged(config.env(), spec.env());
    env.forEach(SpecRules::checkVariable);
    Map<String, String> labels = new LinkedHashMap<>(config.labels());
    labels.putAll(spec.labels());
    String stopSignal = given(spec.stopSignal(), config.stopSignal());
    Signals.parse(stopSignal.isEmpty() ? "SIGTERM" : stopSignal);
    return new Plan(
        image.id(), command.get(0), command.subList(1, command.size()), env, user, workdir.isEmpty() ? "/" : workdir, labels, stopSignal.isEmpty() ? "SIGTERM" : stopSignal,
        image.layers(), LifeRules.plan(spec.life(), spec.special().shell(), config, labels), List.of(), List.of());
  }

  /**
   * The creator's entrypoint puts both of the image's aside; a command alone takes the image's entrypoint before it. An entrypoint of one
   * empty text takes the image's away.
   */
  private static List<String> command(ContainerSpec spec, ImageConfig config) {
    List<String> entrypoint = spec.entrypoint() == null ? List.of() : spec.entrypoint();
    List<String> cmd = spec.cmd() == null ? List.of() : spec.cmd();
    if (entrypoint.isEmpty()) {
      cmd = cmd.isEmpty() ? config.cmd() : cmd;
      entrypoint = spec.entrypoint() == null ? config.entrypoint() : List.of();
    }
    if (entrypoint.equals(List.of(""))) {
      entrypoint = List.of();
    }
    List<String> command = new ArrayList<>(entrypoint);
    command.addAll(cmd);
    if (command.isEmpty()) {
      throw Refusal.invalid("no command specified");
    }
    return command;
  }

  private static String given(@Nullable String ofCreator, String ofImage) {
    return ofCreator == null || ofCreator.isEmpty() ? ofImage : ofCreator;
  }
}
