package dev.tallyman.kernel;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The plainest sandbox, made special step by step. */
public final class SandboxBuilder {
  /** Docker's default capabilities: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, SYS_CHROOT, SETFCAP. */
  public static final long CAPABILITIES = 1L | 1L << 1 | 1L << 3 | 1L << 4 | 1L << 5 | 1L << 6 | 1L << 7 | 1L << 8 | 1L << 10 | 1L << 18 | 1L << 31;

  private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final String container;
  private List<String> layers;
  private List<String> args = List.of("true");
  private List<String> env = List.of(PATH);
  private String workdir = "/";
  private String hostname = "sandbox";
  private String hosts = "";
  private SandboxSpec.Network network = new SandboxSpec.Network.None();
  private boolean isTty;
  private boolean isStdinOpen;
  private boolean isStdinOnce;
  private boolean hasInit;
  private boolean isHeld;
  private boolean isReadOnly;
  private int rows;
  private int columns;
  private int logFiles = 3;
  private Isolation isolation = Isolation.usual();

  public SandboxBuilder(List<String> layers) {
    this(id(), layers);
  }

  public SandboxBuilder(String container, List<String> layers) {
    this.container = container;
    this.layers = layers;
  }

  /** A new random id. */
  public static String id() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return String.format("%016x%016x%016x%016x", random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  public String container() {
    return container;
  }

  public SandboxBuilder args(String... words) {
    args = List.of(words);
    return this;
  }

  public SandboxBuilder layers(List<String> ids) {
    layers = ids;
    return this;
  }

  public SandboxBuilder env(String line) {
    env = List.of(PATH, line);
    return this;
  }

  public SandboxBuilder workdir(String path) {
    workdir = path;
    return this;
  }

  public SandboxBuilder hostname(String name) {
    hostname = name;
    return this;
  }

  public SandboxBuilder hosts(String content) {
    hosts = content;
    return this;
  }

  public SandboxBuilder network(SandboxSpec.Network wanted) {
    network = wanted;
    return this;
  }

  public SandboxBuilder stdin() {
    isStdinOpen = true;
    return this;
  }

  /** The first client's end of input closes stdin. */
  public SandboxBuilder stdinOnce() {
    isStdinOnce = true;
    return stdin();
  }

  public SandboxBuilder held() {
    isHeld = true;
    return this;
  }

  public SandboxBuilder readOnly() {
    isReadOnly = true;
    return this;
  }

  public SandboxBuilder init() {
    hasInit = true;
    return this;
  }

  public SandboxBuilder tty(int wantedRows, int wantedColumns) {
    isTty = true;
    rows = wantedRows;
    columns = wantedColumns;
    return this;
  }

  /** Output is shown, and not kept. */
  public SandboxBuilder logNone() {
    logFiles = 0;
    return this;
  }

  public SandboxBuilder isolation(Isolation wanted) {
    isolation = wanted;
    return this;
  }

  public SandboxSpec build() {
    return new SandboxSpec(
        container, layers, args, env, workdir, "", List.of(), hostname, "", hosts, "", network, SandboxSpec.Limits.none(), CAPABILITIES,
        new SandboxSpec.Flags(isTty, isStdinOpen, isStdinOnce, hasInit, isReadOnly, false, false, isHeld, false, false, false), List.of(), List.of(), List.of(), 0, 10 << 20, logFiles, null, null,
        rows, columns, isolation, List.of());
  }

  /** A command in this sandbox with stdin open, held for its first client. */
  public ExecSpec exec(String... words) {
    return new ExecSpec(container, id(), List.of(words), List.of(PATH, "GREETING=hi"), "/", "", CAPABILITIES, false, true, true, false, false, false, 0, 0);
  }
}
