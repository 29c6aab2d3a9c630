package dev.tallyman.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Output of containers on its way to receivers of syslog on loopback. */
@QuarkusTest
class ForwardingTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers life;
  @Inject ForwardPlaces places;
  @Inject ForwardStore store;

  private final List<String> made = new ArrayList<>();
  private Caller caller;

  @BeforeEach
  void prepare() {
    caller = accounts.admin();
    containers.seed(caller);
  }

  @AfterEach
  void removeAll() {
    for (String each : made) {
      try {
        life.remove(caller, each, true, true);
      } catch (TallymanException e) {
        assertEquals(ErrorKind.NOT_FOUND, e.kind());
      }
    }
  }

  /** Takes lines by TCP until it is closed. */
  private static final class Receiver implements AutoCloseable {
    final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Socket> clients = new CopyOnWriteArrayList<>();
    private final ServerSocket server = new ServerSocket();
    final int port;

    Receiver(int port) throws IOException {
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      this.port = server.getLocalPort();
      Thread thread = new Thread(this::accept);
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = server.accept();
          clients.add(client);
          Thread thread = new Thread(() -> read(client));
          thread.setDaemon(true);
          thread.start();
        }
      } catch (IOException e) {
        return; // closed
      }
    }

    private void read(Socket client) {
      try (BufferedReader reader = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
        String line;
        while ((line = reader.readLine()) != null) {
          lines.add(line.replaceAll(".* - ", ""));
        }
      } catch (IOException e) {
        return; // closed
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket each : clients) {
        each.close();
      }
    }
  }

  private String create(String address, String script) {
    ContainerSpec plain = ContainerSpec.of("f" + UUID.randomUUID().toString().substring(0, 12), TestContainers.IMAGE, List.of("sh", "-c", script));
    ContainerSpec spec =
        new ContainerSpec(
            plain.name(), plain.image(), null, plain.cmd(), List.of(), null, null, Map.of(), "", "", false, false, false, List.of(), null, null, List.of(), List.of(), false, "none", null,
            List.of(), List.of(), List.of(), List.of(), SandboxSpec.Limits.none(), plain.restart(), false, false, false, false, List.of(), List.of(), List.of(), List.of(), Map.of(), Map.of(),
            List.of(), 0, null, false, "syslog", Map.of("syslog-address", address, "syslog-format", "rfc5424", "tag", "{{.Name}}"));
    String id = life.create(caller, spec).id();
    made.add(id);
    return id;
  }

  private static void eventually(BooleanSupplier isSo, String what) throws InterruptedException {
    for (int i = 0; i < 400 && !isSo.getAsBoolean(); i++) {
      Thread.sleep(25);
    }
    assertTrue(isSo.getAsBoolean(), what);
  }

  @Test
  void linesArriveAndAreKeptHereToo() throws Exception {
    try (Receiver receiver = new Receiver(0)) {
      String id = create("tcp://127.0.0.1:" + receiver.port, "echo one; echo two >&2; echo three");
      life.start(caller, id);

      eventually(() -> receiver.lines.size() >= 3, "lines: " + receiver.lines);
      assertEquals(List.of("one", "three", "two"), receiver.lines.stream().sorted().toList());
      eventually(() -> places.get(id) != null, "how far it came is known");
      places.save();
      assertEquals(places.get(id), store.all().get(id));
      assertEquals("syslog", life.inspect(caller, id).spec().logDriver());
    }
  }

  @Test
  void aReceiverThatIsAwayHoldsNobodyUpAndGetsAllWhenItIsThere() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String id = create("tcp://127.0.0.1:" + port, "echo early; echo late; exit 3");
    life.start(caller, id);

    assertEquals(3, life.wait(caller, id, Containers.WaitCondition.NOT_RUNNING).get(10, TimeUnit.SECONDS).exitCode());
    try (Receiver receiver = new Receiver(port)) {
      eventually(() -> receiver.lines.size() >= 2, "lines: " + receiver.lines);
      assertEquals(List.of("early", "late"), receiver.lines);
    }
  }

  @Test
  void whatARemovedContainerWroteStillArrives() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String id = create("tcp://127.0.0.1:" + port, "echo last words");
    life.start(caller, id);
    life.wait(caller, id, Containers.WaitCondition.NOT_RUNNING).get(10, TimeUnit.SECONDS);
    life.remove(caller, id, false, true);

    try (Receiver receiver = new Receiver(port)) {
      eventually(() -> receiver.lines.contains("last words"), "lines: " + receiver.lines);
    }
  }

  @Test
  void aBrokenConnectionLosesNothing() throws Exception {
    String id;
    int port;
    List<String> before;
    try (Receiver receiver = new Receiver(0)) {
      port = receiver.port;
      id = create("tcp://127.0.0.1:" + port, "for i in " + String.join(" ", IntStream.range(0, 60).mapToObj(String::valueOf).toList()) + "; do echo n$i; sleep 0.02; done");
      life.start(caller, id);
      eventually(() -> receiver.lines.size() >= 5, "lines: " + receiver.lines);
      before = receiver.lines;
    }
    Thread.sleep(200);
    try (Receiver receiver = new Receiver(port)) {
      eventually(() -> receiver.lines.contains("n59"), "lines: " + receiver.lines);
      List<String> all = new ArrayList<>(before);
      all.addAll(receiver.lines);
      for (int i = 0; i < 60; i++) {
        assertTrue(all.contains("n" + i), "n" + i + " is missing of " + all);
      }
    }
  }

  @Test
  void aRestartedContainerIsForwardedOnce() throws Exception {
    try (Receiver receiver = new Receiver(0)) {
      String id = create("tcp://127.0.0.1:" + receiver.port, "echo run");
      for (int run = 1; run <= 2; run++) {
        life.start(caller, id);
        life.wait(caller, id, Containers.WaitCondition.NOT_RUNNING).get(10, TimeUnit.SECONDS);
        int wanted = run;
        eventually(() -> receiver.lines.size() >= wanted, "lines: " + receiver.lines);
        Thread.sleep(run == 1 ? 600 : 200);
      }
      assertEquals(List.of("run", "run"), receiver.lines);
    }
  }

  @Test
  void onlyListedReceiversAreAllowed() {
    TallymanException refusal = assertThrows(TallymanException.class, () -> create("tcp://10.255.255.1:514", "true"));

    assertEquals(ErrorKind.DENIED, refusal.kind());
    assertTrue(refusal.getMessage().contains("tallyman.log.forward-to"), refusal.getMessage());
  }
}
