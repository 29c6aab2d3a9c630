package dev.tallyman.dashboard.container;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.unit.ByteSize;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns the typed form into a specification, or says beside which field what is wrong. Rights and limits are the service's to judge. */
final class CreateFormReader {
  private static final long CPU_PERIOD_MICROS = 100_000;

  private final CreateForm form;
  private final CreateTexts texts;
  private final Map<String, String> errors = new LinkedHashMap<>();

  CreateFormReader(CreateForm form, CreateTexts texts) {
    this.form = form;
    this.texts = texts;
  }

  /** By field name, in the order of the form; empty after a successful {@link #read}. */
  Map<String, String> errors() {
    return errors;
  }

  /** Null when {@link #errors} has something. */
  @Nullable ContainerSpec read() {
    if (text(form.image).isEmpty()) {
      errors.put("image", texts.imageMissing());
    }
    List<String> command = field("command", List.of(), () -> CommandLine.split(text(form.command)));
    List<String> entrypoint = field("entrypoint", List.of(), () -> CommandLine.split(text(form.entrypoint)));
    List<String> env = pairs("env", form.env, true);
    List<PortBinding> ports = field("ports", List.of(), () -> lines(form.ports).stream().map(this::port).toList());
    SandboxSpec.Limits limits = limits();
    RestartPolicy restart = restart();
    Map<String, String> labels = new LinkedHashMap<>();
    for (String line : pairs("labels", form.labels, false)) {
      int at = line.indexOf('=');
      labels.put(at < 0 ? line : line.substring(0, at), at < 0 ? "" : line.substring(at + 1));
    }
    if (!errors.isEmpty()) {
      return null;
    }
    boolean hasInput = form.input != null;
    return new ContainerSpec(
        text(form.name), text(form.image), entrypoint.isEmpty() ? null : entrypoint, command.isEmpty() ? null : command, env, orNull(form.workdir), orNull(form.user), labels,
        text(form.hostname), "", form.tty != null, hasInput, false, List.of(), null, null, List.of(), ports, false, network(), null, List.of(), List.of(), List.of(), List.of(),
        limits, restart, form.autoremove != null, form.init != null, form.readonly != null, false, List.of(), List.of(), List.of(), List.of(), Map.of(), Map.of(), List.of(), 0,
        null, false, "", Map.of());
  }

  private String network() {
    String named = text(form.network);
    return named.isEmpty() ? "bridge" : named;
  }

  private SandboxSpec.Limits limits() {
    long memory = field("memory", 0L, () -> text(form.memory).isEmpty() ? 0L : ByteSize.parse(text(form.memory)).bytes());
    long quota = field("cpus", 0L, this::quota);
    long pids = field("pids", 0L, () -> text(form.pids).isEmpty() ? 0L : whole(text(form.pids), texts.pidsWrong()));
    return new SandboxSpec.Limits(memory, 0, 0, pids, quota, quota == 0 ? 0 : CPU_PERIOD_MICROS, 0, "");
  }

  private long quota() {
    if (text(form.cpus).isEmpty()) {
      return 0;
    }
    try {
      BigDecimal cpus = new BigDecimal(text(form.cpus));
      if (text(form.cpus).length() > 12 || cpus.signum() <= 0 || cpus.compareTo(BigDecimal.valueOf(1024)) > 0) {
        throw new WrongInput(texts.cpusWrong());
      }
      return Math.max(1000, cpus.multiply(BigDecimal.valueOf(CPU_PERIOD_MICROS)).longValue());
    } catch (NumberFormatException e) {
      throw new WrongInput(texts.cpusWrong());
    }
  }

  private RestartPolicy restart() {
    String policy = text(form.restart);
    String name = CreateForm.RESTARTS.contains(policy) ? policy : "no";
    boolean countsRetries = name.equals("on-failure") && !text(form.retries).isEmpty();
    int retries = field("retries", 0, () -> countsRetries ? Math.toIntExact(whole(text(form.retries), texts.retriesWrong())) : 0);
    return new RestartPolicy(name, retries);
  }

  /** {@code [address:][host port:]container port[/udp]}. */
  private PortBinding port(String line) {
    int slash = line.indexOf('/');
    String protocol = slash < 0 ? "tcp" : line.substring(slash + 1);
    String[] parts = (slash < 0 ? line : line.substring(0, slash)).split(":", -1);
    boolean isValid = parts.length <= 3 && (protocol.equals("tcp") || protocol.equals("udp")) && isPort(parts[parts.length - 1]);
    String host = parts.length >= 2 ? parts[parts.length - 2] : "";
    if (!isValid || !(host.isEmpty() || isPort(host))) {
      throw new WrongInput(texts.portWrong(line));
    }
    return new PortBinding(parts[parts.length - 1] + "/" + protocol, parts.length == 3 ? parts[0] : "", host);
  }

  private static boolean isPort(String text) {
    return text.matches("\\d{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65535;
  }

  private List<String> pairs(String field, @Nullable String text, boolean needsValue) {
    List<String> lines = lines(text);
    for (String line : lines) {
      int at = line.indexOf('=');
      if (at == 0 || at < 0 && needsValue) {
        errors.put(field, texts.pairWrong(line));
      }
    }
    return lines;
  }

  private static long whole(String text, String error) {
    if (!text.matches("\\d{1,7}")) {
      throw new WrongInput(error);
    }
    return Long.parseLong(text);
  }

  private <T> T field(String name, T otherwise, Supplier<T> reader) {
    try {
      return reader.get();
    } catch (WrongInput | TallymanException e) {
      errors.put(name, String.valueOf(e.getMessage()));
      return otherwise;
    }
  }

  private static List<String> lines(@Nullable String text) {
    List<String> kept = new ArrayList<>();
    for (String line : text(text).split("\\R")) {
      if (!line.isBlank()) {
        kept.add(line.strip());
      }
    }
    return kept;
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text.strip();
  }

  private static @Nullable String orNull(@Nullable String text) {
    return text(text).isEmpty() ? null : text(text);
  }

  /** Something in one field; its message is shown beside that field. */
  private static final class WrongInput extends RuntimeException {
    private WrongInput(String message) {
      super(message);
    }
  }
}
