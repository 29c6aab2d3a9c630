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
    List<String> entrypoint = entrypoint(spec, config);
    List<String> command = command(entrypoint, spec, config);
    String workdir = SpecRules.workdir(given(spec.workingDir(), config.workingDir()));
    String user = given(spec.user(), config.user());
    SpecRules.checkUser(user);
    List<String> env = Environment.listed(config.env(), spec.env());
    env.forEach(SpecRules::checkVariable);
    Map<String, String> labels = new LinkedHashMap<>(config.labels());
    labels.putAll(spec.labels());
    String stopSignal = given(spec.stopSignal(), config.stopSignal());
    Signals.parse(stopSignal.isEmpty() ? "SIGTERM" : stopSignal);
    return new Plan(
        image.id(), command.get(0), command.subList(1, command.size()), env, user, workdir.isEmpty() ? "/" : workdir, labels, stopSignal.isEmpty() ? "SIGTERM" : stopSignal,
        image.layers(), LifeRules.plan(spec.life(), spec.special().shell(), config, labels), List.of(), List.of(),
        NetworkRules.exposedTexts(config.exposedPorts(), spec), entrypoint.size());
  }

  /**
   * The creator's entrypoint puts both of the image's aside; a command alone takes the image's entrypoint before it. An entrypoint of one
   * empty text takes the image's away.
   */
  private static List<String> entrypoint(ContainerSpec spec, ImageConfig config) {
    List<String> given = spec.entrypoint();
    if (given == null) {
      return config.entrypoint();
    }
    return given.equals(List.of("")) ? List.of() : given;
  }

  private static List<String> command(List<String> entrypoint, ContainerSpec spec, ImageConfig config) {
    List<String> cmd = spec.cmd() == null ? List.of() : spec.cmd();
    boolean isImages = cmd.isEmpty() && (spec.entrypoint() == null || spec.entrypoint().isEmpty());
    List<String> command = new ArrayList<>(entrypoint);
    command.addAll(isImages ? config.cmd() : cmd);
    if (command.isEmpty()) {
      throw Refusal.invalid("no command specified");
    }
    return command;
  }

  private static String given(@Nullable String ofCreator, String ofImage) {
    return ofCreator == null || ofCreator.isEmpty() ? ofImage : ofCreator;
  }
}
