package dev.tallyman.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.Sandboxes.Exit;
import dev.tallyman.kernel.Sandboxes.Started;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What every implementation of {@link Sandboxes} promises: run against the one in memory and against the real helper. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public abstract class SandboxesContract extends FilesContract {
  /** Bytes before a record's text: time, stream, three zeros, length. */
  private static final int RECORD_HEADER = 16;

  private final List<String> started = new ArrayList<>();

  protected abstract Bridges bridges();

  /** A network that is up, with the gateway .1 of the {@link #subnet()}. */
  protected abstract String network();

  /** First three numbers of its addresses. */
  protected String subnet() {
    return "10.88.77";
  }

  @AfterEach
  void removeAll() {
    for (String each : started) {
      sandboxes().clean(each);
      sandboxes().remove(each);
    }
  }

  private SandboxBuilder sandbox(String... args) {
    SandboxBuilder builder = new SandboxBuilder(layers()).args(args);
    started.add(builder.container());
    return builder;
  }

  private Exit end(String container) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (sandboxes().exit(container).isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "the container did not end");
      Thread.sleep(5);
    }
    return sandboxes().exit(container).orElseThrow();
  }

  private Exit run(SandboxBuilder builder) throws InterruptedException {
    sandboxes().start(builder.build());
    Exit exit = end(builder.container());
    sandboxes().clean(builder.container());
    return exit;
  }

  /**
   * What a container has written to stream 1 or 2 up to now. Its file comes with the first record, and a reader beside the writer may find the last record in part: neither is text yet.
   */
  private String log(String container, int stream) throws IOException {
    StringBuilder text = new StringBuilder();
    Path file = sandboxes().logs(container).resolve("log");
    ByteBuffer in = ByteBuffer.wrap(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
    while (in.remaining() >= RECORD_HEADER && in.remaining() >= RECORD_HEADER + in.getInt(in.position() + RECORD_HEADER - Integer.BYTES)) {
      Instant at = Instant.ofEpochSecond(0, in.getLong());
      assertTrue(Duration.between(at, Instant.now()).abs().compareTo(Duration.ofMinutes(5)) < 0, "time of a record: " + at);
      int from = in.get();
      assertEquals(0, in.get() + in.get() + in.get());
      byte[] payload = new byte[in.getInt()];
      in.get(payload);
      text.append(from == stream ? new String(payload, StandardCharsets.UTF_8) : "");
    }
    return text.toString();
  }

  private static void refused(ErrorKind kind, Executable work) {
    KernelException e = assertThrows(KernelException.class, work);
    assertEquals(kind, e.kind(), e.getMessage());
  }

  @Test
  void runsACommandAndRecordsItsEnd() throws Exception {
    Instant before = Instant.now().minusSeconds(1);
    SandboxBuilder box = sandbox("sh", "-c", "echo out; echo err >&2; exit 3");

    Started begun = sandboxes().start(box.build());
    Exit exit = end(box.container());

    assertTrue(begun.pid() > 1);
    assertTrue(begun.startedAt().isAfter(before));
    assertEquals(3, exit.code());
    assertEquals(0, exit.signal());
    assertFalse(exit.isOomKilled());
    assertTrue(exit.startedAt().isAfter(before) && !exit.finishedAt().isBefore(exit.startedAt()));
    assertEquals("out\n", log(box.container(), 1));
    assertEquals("err\n", log(box.container(), 2));
  }

  @Test
  void givesTheCommandItsEnvironmentDirectoryAndNames() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "echo $COLOUR; pwd; hostname; cat /etc/hosts").env("COLOUR=dark blue").workdir("/tmp").hostname("box").hosts("127.0.0.1 localhost\n");

    assertEquals(0, run(box).code());

    assertEquals("dark blue\n/tmp\nbox\n127.0.0.1 localhost\n", log(box.container(), 1));
  }

  @Test
  void writesNoExitWhileItRuns() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    Started begun = sandboxes().start(box.build());

    assertTrue(sandboxes().exit(box.container()).isEmpty());
    assertTrue(sandboxes().list().contains(new Sandboxes.Known(box.container(), true, begun.pid(), begun.startedAt())), () -> sandboxes().list().toString());
    refused(ErrorKind.ALREADY_EXISTS, () -> sandboxes().start(box.build()));
    refused(ErrorKind.CONFLICT, () -> sandboxes().remove(box.container()));
  }

  @Test
  void killsWithASignal() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());

    sandboxes().signal(box.container(), 9);

    Exit exit = end(box.container());
    assertEquals(137, exit.code());
    assertEquals(9, exit.signal());
  }

  @Test
  void letsTheFirstProcessIgnoreSignalsUnlessItTrapsThem() throws Exception {
    SandboxBuilder deaf = sandbox("sleep", "100");
    SandboxBuilder polite = sandbox("sh", "-c", "trap 'exit 7' TERM; echo ready; while true; do sleep 0.05; done");
    sandboxes().start(deaf.build());
    sandboxes().start(polite.held().build());
    try (MonitorConnection connection = sandboxes().connect(polite.container())) {
      connection.subscribe(true, false);
      assertEquals("ready\n", readText(connection, 6));
    }

    sandboxes().signal(deaf.container(), 15);
    sandboxes().signal(polite.container(), 15);

    assertEquals(7, end(polite.container()).code());
    assertTrue(sandboxes().exit(deaf.container()).isEmpty());
  }

  @Test
  void passesSignalsOnThroughInit() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100").init();
    sandboxes().start(box.build());

    sandboxes().signal(box.container(), 15);

    assertEquals(143, end(box.container()).code());
  }

  @Test
  void namesACommandThatIsNotThere() throws Exception {
    SandboxBuilder box = sandbox("nope");

    CommandNotRunException e = assertThrows(CommandNotRunException.class, () -> sandboxes().start(box.build()));

    assertEquals(127, e.exitCode());
    assertEquals("exec: \"nope\": executable file not found in $PATH", e.getMessage());
    CommandNotRunException absolute = assertThrows(CommandNotRunException.class, () -> sandboxes().start(sandbox("/nope").build()));
    assertEquals(127, absolute.exitCode());
    assertEquals("exec: \"/nope\": stat /nope: no such file or directory", absolute.getMessage());
    CommandNotRunException folder = assertThrows(CommandNotRunException.class, () -> sandboxes().start(sandbox("/etc").build()));
    assertEquals(126, folder.exitCode());
    assertFalse(sandboxes().list().stream().anyMatch(each -> each.isRunning() && each.container().equals(box.container())));
  }

  @Test
  void refusesLayersAndNetworksThatAreNotThere() {
    String absent = "0".repeat(64);
    SandboxSpec spec = sandbox("true").build();

    refused(ErrorKind.NOT_FOUND, () -> sandboxes().start(sandbox("true").layers(List.of(absent)).build()));
    refused(ErrorKind.NOT_FOUND, () -> sandboxes().start(sandbox("true").network(new SandboxSpec.Network.Bridge(absent, subnet() + ".2", 24, subnet() + ".1", null, List.of())).build()));
    refused(ErrorKind.INVALID, () -> sandboxes().logs("../" + spec.container().substring(3)));
  }

  @Test
  void servesAClientFromTheFirstByteToTheExit() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "cat; echo done >&2; exit 4").stdinOnce().held();
    sandboxes().start(box.build());

    try (MonitorConnection connection = sandboxes().connect(box.container())) {
      connection.subscribe(true, true);
      connection.writeInput(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8)));
      connection.endInput();
      StringBuilder out = new StringBuilder();
      StringBuilder err = new StringBuilder();
      Exit exit = null;
      MonitorConnection.Frame frame;
      while ((frame = connection.next()) != null) {
        if (frame instanceof MonitorConnection.Frame.Output output) {
          (output.isError() ? err : out).append(StandardCharsets.UTF_8.decode(output.bytes()));
        } else if (frame instanceof MonitorConnection.Frame.Ended ended) {
          exit = ended.exit();
        }
      }
      assertEquals("hello\n", out.toString());
      assertEquals("done\n", err.toString());
      assertEquals(4, exit == null ? -1 : exit.code());
    }
    assertEquals("hello\n", log(box.container(), 1));
  }

  @Test
  void keepsStdinOpenForTheNextClient() throws Exception {
    SandboxBuilder box = sandbox("cat").stdin().held();
    sandboxes().start(box.build());

    for (String each : List.of("one\n", "two\n")) {
      try (MonitorConnection connection = sandboxes().connect(box.container())) {
        connection.subscribe(true, true);
        connection.writeInput(ByteBuffer.wrap(each.getBytes(StandardCharsets.UTF_8)));
        connection.endInput();
        assertEquals(each, readText(connection, 4));
      }
    }

    assertTrue(sandboxes().exit(box.container()).isEmpty());
  }

  @Test
  void movesManyBytesThroughStdin() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "wc -c").stdinOnce().held();
    sandboxes().start(box.build());
    byte[] block = new byte[200_000];

    try (MonitorConnection connection = sandboxes().connect(box.container())) {
      connection.subscribe(true, true);
      for (int i = 0; i < 20; i++) {
        connection.writeInput(ByteBuffer.wrap(block));
      }
      connection.endInput();
      assertEquals("4000000", readText(connection, 8).strip());
    }
  }

  @Test
  void hasATerminalWithASize() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "stty size; cat > /dev/null; stty size").stdinOnce().held().tty(30, 100);
    sandboxes().start(box.build());

    try (MonitorConnection connection = sandboxes().connect(box.container())) {
      connection.subscribe(true, true);
      assertEquals("30 100\r\n", readText(connection, 8));
      connection.resize(40, 120);
      connection.writeInput(ByteBuffer.wrap(new byte[] {4}));
      assertEquals("40 120\r\n", readText(connection, 8));
    }
  }

  @Test
  void endsABlockedReadWhenTheConnectionIsClosed() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());
    MonitorConnection connection = sandboxes().connect(box.container());
    connection.subscribe(true, false);

    Thread closer = new Thread(connection::close);
    closer.start();

    assertEquals(null, connection.next());
    closer.join();
  }

  @Test
  void hasNoMonitorAfterTheEnd() throws Exception {
    SandboxBuilder box = sandbox("true");

    run(box);

    refused(ErrorKind.NOT_FOUND, () -> sandboxes().connect(box.container()).close());
    refused(ErrorKind.NOT_FOUND, () -> sandboxes().signal(box.container(), 15));
    refused(ErrorKind.NOT_FOUND, () -> sandboxes().freeze(box.container()));
  }

  @Test
  void standsStillWhileFrozen() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "while true; do echo tick; sleep 0.02; done");
    sandboxes().start(box.build());
    await(() -> log(box.container(), 1).contains("tick\n"));
    sandboxes().freeze(box.container());
    Thread.sleep(100);
    int before = log(box.container(), 1).length();

    Thread.sleep(200);
    int frozen = log(box.container(), 1).length();
    sandboxes().thaw(box.container());

    assertEquals(before, frozen);
    await(() -> log(box.container(), 1).length() > frozen);
  }

  @Test
  void runsFurtherCommands() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());
    ExecSpec exec = box.exec("sh", "-c", "echo $GREETING; cat; exit 9");

    Started begun = sandboxes().exec(exec);

    assertTrue(begun.pid() > 1);
    try (MonitorConnection connection = sandboxes().connectExec(box.container(), exec.exec())) {
      connection.subscribe(true, true);
      connection.writeInput(ByteBuffer.wrap("in\n".getBytes(StandardCharsets.UTF_8)));
      connection.endInput();
      assertEquals("hi\nin\n", readText(connection, 6));
      MonitorConnection.Frame last = connection.next();
      assertEquals(9, last instanceof MonitorConnection.Frame.Ended ended ? ended.exit().code() : -1);
    }
    CommandNotRunException e = assertThrows(CommandNotRunException.class, () -> sandboxes().exec(box.exec("nope")));
    assertEquals(127, e.exitCode());
  }

  @Test
  void endsExecsWithTheirContainer() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());
    ExecSpec exec = box.exec("sleep", "100");
    sandboxes().exec(exec);

    try (MonitorConnection connection = sandboxes().connectExec(box.container(), exec.exec())) {
      connection.subscribe(true, false);
      sandboxes().signal(box.container(), 9);
      MonitorConnection.Frame last = connection.next();
      assertEquals(137, last instanceof MonitorConnection.Frame.Ended ended ? ended.exit().code() : -1);
    }
    end(box.container());
    refused(ErrorKind.CONFLICT, () -> sandboxes().exec(box.exec("true")));
  }

  @Test
  void signalsAnExec() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());
    ExecSpec exec = box.exec("sleep", "100");
    sandboxes().exec(exec);

    try (MonitorConnection connection = sandboxes().connectExec(box.container(), exec.exec())) {
      connection.subscribe(true, false);
      sandboxes().signalExec(box.container(), exec.exec(), 15);
      MonitorConnection.Frame last = connection.next();
      assertEquals(143, last instanceof MonitorConnection.Frame.Ended ended ? ended.exit().code() : -1);
    }
    assertTrue(sandboxes().exit(box.container()).isEmpty());
  }

  @Test
  void startsAgainWithItsFilesAndItsLog() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "cat /note; echo first > /note");
    run(box);

    Exit second = run(box);

    assertEquals(0, second.code());
    assertEquals("first\n", log(box.container(), 1));
  }

  @Test
  void hasSecretsFromItsFirstProcessOnAndNowhereElse() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "cat /run/secrets/a; cat /run/secrets/large; echo end; sleep 100");
    String large = "x".repeat(20_000);
    sandboxes().start(box.build(), List.of(new SecretFile("a", 0444, 0, 0, "secret\n".getBytes(StandardCharsets.UTF_8)), new SecretFile("large", 0400, 7, 8, large.getBytes(StandardCharsets.UTF_8))));
    await(() -> log(box.container(), 1).endsWith("end\n"));

    assertEquals("secret\n" + large + "end\n", log(box.container(), 1));
    refused(ErrorKind.NOT_FOUND, () -> sandboxes().stat(box.container(), layers(), "/run/secrets/a"));
    assertFalse(sandboxes().changes(box.container(), layers()).stream().anyMatch(each -> each.path().startsWith("/run/secrets/")));
    ByteArrayOutputStream tree = new ByteArrayOutputStream();
    sandboxes().export(box.container(), layers(), tree);
    assertFalse(tree.toString(StandardCharsets.ISO_8859_1).contains("run/secrets/a"));
  }

  private interface Claim {
    boolean holds() throws IOException;
  }

  private static void await(Claim claim) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!claim.holds()) {
      assertTrue(System.nanoTime() < deadline, "it did not happen");
      Thread.sleep(5);
    }
  }

  @Test
  void writesTheWritableLayerAndTheWholeTree() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "mkdir /made; echo text > /made/file");
    run(box);
    ByteArrayOutputStream diff = new ByteArrayOutputStream();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();

    sandboxes().diff(box.container(), layers(), diff);
    sandboxes().export(box.container(), layers(), whole);
    List<Sandboxes.Change> changes = sandboxes().changes(box.container(), layers());

    assertEquals(new TreeSet<>(List.of("made", "made/file")), names(diff));
    assertTrue(names(whole).containsAll(List.of("made", "made/file", "bin/sh")), () -> names(whole).toString());
    assertTrue(changes.containsAll(List.of(new Sandboxes.Change('A', "/made"), new Sandboxes.Change('A', "/made/file"))), changes::toString);
  }

  private static TreeSet<String> names(ByteArrayOutputStream tar) {
    TreeSet<String> names = new TreeSet<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar.toByteArray()))) {
      TarArchiveEntry next;
      while ((next = in.getNextEntry()) != null) {
        String name = next.getName().replaceFirst("^\\./", "").replaceFirst("/$", "");
        if (!name.isEmpty() && !name.equals(".")) {
          names.add(name);
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return names;
  }

  @Test
  void keepsAPortForOneContainer() {
    SandboxSpec.Port port = new SandboxSpec.Port("tcp", "127.0.0.1", 28_117, 80);
    SandboxBuilder first = sandbox("sleep", "100").network(bridge(subnet() + ".2", port));
    SandboxBuilder second = sandbox("sleep", "100").network(bridge(subnet() + ".3", port));
    sandboxes().start(first.build());

    KernelException e = assertThrows(KernelException.class, () -> sandboxes().start(second.build()));

    assertEquals(ErrorKind.CONFLICT, e.kind());
    assertEquals("port tcp 127.0.0.1:28117", e.getMessage());
    sandboxes().clean(first.container());
    sandboxes().start(second.build());
  }

  @Test
  void joinsAndLeavesANetworkWhileItRuns() {
    String other = SandboxBuilder.id();
    int dot = subnet().lastIndexOf('.');
    String third = subnet().substring(0, dot + 1) + (Integer.parseInt(subnet().substring(dot + 1)) + 1);
    String name = "br-" + other.substring(0, 12);
    Bridges.Bridge bridge = bridge(other, third + ".1", 25, name);
    SandboxSpec.Place place = new SandboxSpec.Place(other, third + ".2", 25, third + ".1", null);
    SandboxBuilder box = sandbox("sleep", "100").network(new SandboxSpec.Network.Bridge(network(), subnet() + ".2", 24, subnet() + ".1", null, List.of()));
    refused(ErrorKind.NOT_FOUND, () -> bridges().connect(SandboxBuilder.id(), place, List.of(), List.of()));
    bridges().up(bridge);
    bridges().up(bridge);
    refused(ErrorKind.ALREADY_EXISTS, () -> bridges().up(bridge(other, third + ".3", 25, name)));
    refused(ErrorKind.ALREADY_EXISTS, () -> bridges().up(Bridges.Bridge.plain(SandboxBuilder.id(), third + ".65", 26)));
    refused(ErrorKind.ALREADY_EXISTS, () -> bridges().up(bridge(SandboxBuilder.id(), third + ".129", 25, name)));
    refused(ErrorKind.DENIED, () -> bridges().up(bridge(SandboxBuilder.id(), third + ".129", 25, "eth9")));
    try {
      sandboxes().start(box.build());
      bridges().connect(box.container(), place, List.of(), List.of());
      refused(ErrorKind.ALREADY_EXISTS, () -> bridges().connect(box.container(), place, List.of(), List.of()));
      refused(ErrorKind.CONFLICT, () -> bridges().down(other));
      bridges().disconnect(box.container(), other);
      bridges().disconnect(box.container(), other);
    } finally {
      bridges().down(other);
    }
    assertFalse(bridges().list().contains(other));
  }

  private static Bridges.Bridge bridge(String network, String gateway, int prefix, String name) {
    return new Bridges.Bridge(network, gateway, prefix, false, 0, false, false, null, 0, name, null);
  }

  private SandboxSpec.Network bridge(String address, SandboxSpec.Port port) {
    return new SandboxSpec.Network.Bridge(network(), address, 24, subnet() + ".1", null, List.of(port));
  }

  @Test
  void cleansAndRemovesAsOftenAsWanted() throws Exception {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());

    sandboxes().clean(box.container());
    sandboxes().clean(box.container());
    sandboxes().remove(box.container());
    sandboxes().remove(box.container());

    assertFalse(Files.exists(sandboxes().logs(box.container())));
    assertFalse(sandboxes().list().stream().anyMatch(each -> each.container().equals(box.container())));
  }

  @Test
  void keepsNoOutputWhenAskedNotTo() throws Exception {
    SandboxBuilder box = sandbox("sh", "-c", "echo out; exit 3").logNone();

    Exit exit = run(box);

    assertEquals(3, exit.code());
    assertFalse(Files.exists(sandboxes().logs(box.container()).resolve("log")));
  }

  @Test
  void givesNoDeviceThatThePolicyDoesNotList() {
    Isolation wish = new Isolation(null, false, false, true, false, false, List.of(new Isolation.Device("/dev/fuse", "/dev/fuse", "rwm")), List.of(), List.of(), List.of(), null);

    refused(ErrorKind.DENIED, () -> sandboxes().start(sandbox("true").isolation(wish).build()));
  }

  private static Isolation withProcessesOf(String container) {
    return new Isolation(container, true, false, true, false, false, List.of(), List.of(), List.of(), List.of(), null);
  }

  @Test
  void sharesProcessesOfARunningContainerOnly() throws Exception {
    SandboxBuilder lender = sandbox("sleep", "100");
    SandboxBuilder ended = sandbox("true");
    sandboxes().start(lender.build());
    run(ended);

    assertTrue(sandboxes().start(sandbox("sleep", "100").isolation(withProcessesOf(lender.container())).build()).pid() > 1);
    refused(ErrorKind.CONFLICT, () -> sandboxes().start(sandbox("true").isolation(withProcessesOf(ended.container())).build()));
    refused(ErrorKind.NOT_FOUND, () -> sandboxes().start(sandbox("true").isolation(withProcessesOf(SandboxBuilder.id())).build()));
  }

  @Test
  void changesLimitsOfARunningContainer() {
    SandboxBuilder box = sandbox("sleep", "100");
    sandboxes().start(box.build());

    sandboxes().limit(box.container(), new SandboxSpec.Limits(32 << 20, 0, 0, 20, 0, 0, 0, ""));

    sandboxes().clean(box.container());
    refused(ErrorKind.NOT_FOUND, () -> sandboxes().limit(box.container(), new SandboxSpec.Limits(32 << 20, 0, 0, 0, 0, 0, 0, "")));
  }

  /** Reads output until so many bytes came or the end. */
  private static String readText(MonitorConnection connection, int bytes) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < bytes) {
      MonitorConnection.Frame frame = connection.next();
      if (!(frame instanceof MonitorConnection.Frame.Output output)) {
        break;
      }
      text.append(StandardCharsets.UTF_8.decode(output.bytes()));
    }
    return text.toString();
  }
}
