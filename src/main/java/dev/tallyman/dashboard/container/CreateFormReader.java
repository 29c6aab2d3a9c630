package dev.tallyman.dashboard.container;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.LifeOptions;
import dev.tallyman.container.MountOptions;
import dev.tallyman.container.Networking;
import dev.tallyman.container.NewHealthcheck;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.container.SecretWish;
import dev.tallyman.container.SpecialOptions;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageConfig.Healthcheck;
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
    LifeOptions life = life();
    MountOptions mounts = mounts();
    Map<String, String> tmpfs = tmpfs();
    Networking networking = networking();
    long storage = field("storage", 0L, () -> bytes(form.storage));
    LogFields log = new LogFields(texts);
    String logDriver = field("logDriver", "", () -> log.driver(text(form.logDriver)));
    Map<String, String> logOptions = logOptions(log);
    if (!errors.isEmpty()) {
      return null;
    }
    boolean hasInput = form.input != null;
    return new ContainerSpec(
        text(form.name), text(form.image), entrypoint.isEmpty() ? null : entrypoint, command.isEmpty() ? null : command, env, orNull(form.workdir), orNull(form.user), labels,
        text(form.hostname), "", form.tty != null, hasInput, false, List.of(), null, null, List.of(), ports, false, network(), null, List.of(), List.of(), List.of(), List.of(),
        limits, restart, form.autoremove != null, form.init != null, form.readonly != null, false, List.of(), List.of(), List.of(), List.of(), Map.of(), tmpfs, List.of(), 0,
        null, false, logDriver, logOptions, storage == 0 ? SpecialOptions.none() : SpecialOptions.none().withStorage(text(form.storage)), networking)
        .with(life)
        .with(mounts);
  }

  /** A place alone is an anonymous volume; the rest is Docker's form, judged by the service. */
  private MountOptions mounts() {
    List<String> binds = new ArrayList<>();
    List<String> places = new ArrayList<>();
    for (String line : lines(form.mounts)) {
      boolean isPlace = line.startsWith("/") && line.indexOf(':') < 0;
      if (!isPlace && line.indexOf(':') <= 0) {
        errors.put("mounts", texts.mountWrong(line));
      }
      (isPlace ? places : binds).add(line);
    }
    List<SecretWish> secrets = form.secrets().stream().map(each -> new SecretWish(each, "", 0, 0, "")).toList();
    return new MountOptions(binds, imageMounts(), places, List.of(), "", secrets);
  }

  /** {@code IMAGE:/place}; a name of an image may have colons and slashes of its own, but none after the other. */
  private List<MountOptions.Wish> imageMounts() {
    List<MountOptions.Wish> read = new ArrayList<>();
    for (String line : lines(form.imageMounts)) {
      int colon = line.lastIndexOf(":/");
      if (colon > 0) {
        read.add(MountOptions.Wish.of("image", line.substring(0, colon), line.substring(colon + 1), true));
      } else {
        errors.put("imageMounts", texts.imageMountWrong(line));
      }
    }
    return read;
  }

  /** {@code /place[:options]}. */
  private Map<String, String> tmpfs() {
    Map<String, String> read = new LinkedHashMap<>();
    for (String line : lines(form.tmpfs)) {
      int colon = line.indexOf(':');
      if (!line.startsWith("/")) {
        errors.put("tmpfs", texts.mountWrong(line));
      }
      read.put(colon < 0 ? line : line.substring(0, colon), colon < 0 ? "" : line.substring(colon + 1));
    }
    return read;
  }

  private LifeOptions life() {
    String action = text(form.onUnhealthy).equals("none") ? "" : text(form.onUnhealthy);
    return new LifeOptions(check(), action, text(form.maxRuntime));
  }

  /** Null leaves it to the image. */
  private @Nullable Healthcheck check() {
    boolean isAsked = lines(form.healthCommand).size() + lines(form.healthInterval).size() + lines(form.healthTimeout).size() + lines(form.healthStart).size() + lines(form.healthRetries).size() > 0;
    if (!isAsked) {
      return null;
    }
    int retries = field("healthRetries", 0, () -> text(form.healthRetries).isEmpty() ? 0 : Math.toIntExact(whole(text(form.healthRetries), texts.retriesWrong())));
    time("healthInterval", form.healthInterval);
    time("healthTimeout", form.healthTimeout);
    time("healthStart", form.healthStart);
    NewHealthcheck typed =
        new NewHealthcheck(null, orNull(form.healthCommand), null, orNull(form.healthInterval), orNull(form.healthTimeout), orNull(form.healthStart), null, retries, null);
    return errors.isEmpty() ? field("healthCommand", null, typed::read) : null;
  }

  private void time(String field, @Nullable String typed) {
    if (!text(typed).matches("(\\d{1,9}(ms|s|m|h))*")) {
      errors.put(field, texts.timeWrong());
    }
  }

  private String network() {
    String named = text(form.network);
    return named.isEmpty() ? "bridge" : named;
  }

  private Networking networking() {
    NetworkFields fields = new NetworkFields(network(), texts);
    List<String> aliases = field("aliases", List.of(), () -> fields.aliases(text(form.aliases)));
    String address = field("address", "", () -> fields.address(text(form.address)));
    List<PlaceSpec> further = field("networks", List.of(), () -> lines(form.networks).stream().map(fields::place).toList());
    return fields.all(aliases, address, further);
  }

  private Map<String, String> logOptions(LogFields log) {
    String driver = text(form.logDriver);
    field("logSize", 0L, () -> bytes(form.logSize));
    field("logFiles", 0L, () -> text(form.logFiles).isEmpty() ? 0L : whole(text(form.logFiles), texts.logFilesWrong()));
    String size = field("logSize", "", () -> log.option(driver, text(form.logSize)));
    String files = field("logFiles", "", () -> log.option(driver, text(form.logFiles)));
    return log.options(size, files);
  }

  private static long bytes(@Nullable String typed) {
    return text(typed).isEmpty() ? 0 : ByteSize.parse(text(typed)).bytes();
  }

  private SandboxSpec.Limits limits() {
    long memory = field("memory", 0L, () -> bytes(form.memory));
    long reservation = field("reservation", 0L, () -> bytes(form.reservation));
    long shares = field("shares", 0L, () -> text(form.shares).isEmpty() ? 0L : shares(text(form.shares)));
    long quota = field("cpus", 0L, this::quota);
    long pids = field("pids", 0L, () -> text(form.pids).isEmpty() ? 0L : whole(text(form.pids), texts.pidsWrong()));
    return new SandboxSpec.Limits(memory, 0, reservation, pids, quota, quota == 0 ? 0 : CPU_PERIOD_MICROS, shares, "");
  }

  private long shares(String typed) {
    long shares = whole(typed, texts.sharesWrong());
    if (shares < 2 || shares > 262144) { // zero would mean "not set"
      throw new WrongInput(texts.sharesWrong());
    }
    return shares;
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

  private <T extends @Nullable Object> T field(String name, T otherwise, Supplier<T> reader) {
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
}
