package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.RunMount;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.kernel.Mount;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.FakeSandboxes;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentSocketsTest {
  private final FakeKernel kernel = new FakeKernel();
  private final Sandboxes sandboxes = new FakeSandboxes(kernel);
  private final AgentSockets sockets = new AgentSockets(new Echo(), sandboxes, new WaitingThreads());

  /** Knows one agent, which says what it hears. */
  private static final class Echo implements BuildAgents {
    @Override
    public boolean has(String id) {
      return id.equals("default");
    }

    @Override
    public void lead(String id, ByteChannel command, Executor threads) throws IOException {
      ByteBuffer piece = ByteBuffer.allocate(100);
      while (command.read(piece) >= 0) {
        command.write(piece.flip());
        piece.clear();
      }
    }
  }

  private static RunMount wish(String id, String target, boolean isRequired, Long uid) {
    return new RunMount(RunMount.Type.SSH, "", "", target, true, 0, id, null, isRequired, null, null, uid, null);
  }

  private SocketChannel connect(Mount mount) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(sandboxes.socket(mount.source())));
  }

  private static int answer(SocketChannel to) throws IOException {
    to.write(ByteBuffer.wrap(new byte[] {42}));
    ByteBuffer answer = ByteBuffer.allocate(1);
    return to.read(answer) < 1 ? -1 : answer.get(0);
  }

  @AfterEach
  void close() {
    sockets.close();
    kernel.close();
  }

  @Test
  void leadsToTheAgentUntilTheCommandEnds() throws IOException {
    Mount mount = sockets.open(wish("", "", false, null), AgentSockets.target(wish("", "", false, null), 0));

    assertEquals(Mount.Kind.SOCKET, mount.kind());
    assertEquals("/run/buildkit/ssh_agent.0", mount.target());
    assertEquals(List.of("SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"), sockets.env());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(sandboxes.socket(mount.source()))));
    try (SocketChannel command = connect(mount)) {
      assertEquals(42, answer(command));
      sockets.close();
      assertEquals(-1, command.read(ByteBuffer.allocate(1)));
    }
    assertFalse(Files.exists(sandboxes.socket(mount.source())));
  }

  @Test
  void theVariableIsOfTheFirst() {
    sockets.open(wish("", "/a", false, null), "/a");
    Mount second = sockets.open(wish("default", "/b", false, 1000L), "/b");

    assertEquals(List.of("SSH_AUTH_SOCK=/a"), sockets.env());
    assertTrue(Files.isWritable(sandboxes.socket(second.source())));
  }

  @Test
  void whatTheClientDoesNotHaveIsLeftOutUnlessRequired() {
    assertNull(sockets.open(wish("other", "/a", false, null), "/a"));
    assertEquals(List.of(), sockets.env());
    assertTrue(assertThrows(Refused.class, () -> sockets.open(wish("other", "/a", true, null), "/a")).getMessage().contains("--ssh other"));
  }

  @Test
  void aCommandHasSoManyConnections() throws IOException {
    Mount mount = sockets.open(wish("", "/a", false, null), "/a");
    List<SocketChannel> held = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      held.add(connect(mount));
      assertEquals(42, answer(held.get(i)));
    }
    try (SocketChannel more = connect(mount)) {
      assertEquals(-1, more.read(ByteBuffer.allocate(1)));
    }
    for (SocketChannel each : held) {
      each.close();
    }
  }
}
