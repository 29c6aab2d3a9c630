package dev.tallyman.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.StreamType;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What programs do through docker-java, on the instance that DOCKER_HOST names. Started by src/test/clients/java-clients.sh. */
@Tag("clients")
@Timeout(60)
class DockerJavaIT {
  private static final String IMAGE = "busybox:latest";

  private final String prefix = "dj-" + System.nanoTime();
  private final List<String> made = new ArrayList<>();
  private DockerClient docker;

  @BeforeEach
  void connect() {
    DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder().build();
    docker = DockerClientImpl.getInstance(config, new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  @AfterEach
  void removeWhatWasMade() throws IOException {
    made.forEach(each -> docker.removeContainerCmd(each).withForce(true).withRemoveVolumes(true).exec());
    docker.close();
  }

  private CreateContainerCmd container(String... command) {
    return docker.createContainerCmd(IMAGE).withName(prefix + "-" + made.size()).withCmd(command);
  }

  private String create(CreateContainerCmd command) {
    String id = command.exec().getId();
    made.add(id);
    return id;
  }

  private String start(CreateContainerCmd command) {
    String id = create(command);
    docker.startContainerCmd(id).exec();
    return id;
  }

  private int await(String id) {
    return docker.waitContainerCmd(id).start().awaitStatusCode(20, TimeUnit.SECONDS);
  }

  private Output logs(String id) throws InterruptedException {
    return docker.logContainerCmd(id).withStdOut(true).withStdErr(true).exec(new Output()).whole();
  }

  @Test
  void knowsTheServer() {
    docker.pingCmd().exec();

    assertTrue(docker.versionCmd().exec().getApiVersion().startsWith("1."));
    assertTrue(docker.infoCmd().exec().getMemTotal() > 0);
    assertThrows(NotFoundException.class, () -> docker.inspectImageCmd("127.0.0.1:1/nosuch:1").exec());
  }

  @Test
  void outputIsApartAndTheExitCodeIsTold() throws InterruptedException {
    String id = start(container("sh", "-c", "echo one; echo two >&2; exit 9"));

    assertEquals(9, await(id));
    Output output = logs(id);
    assertEquals("one\n", output.text(StreamType.STDOUT));
    assertEquals("two\n", output.text(StreamType.STDERR));
  }

  @Test
  void aNameIsGivenOnce() {
    create(container("true").withName(prefix + "-same"));

    assertThrows(ConflictException.class, () -> create(container("true").withName(prefix + "-same")));
  }

  @Test
  void aCommandRunsInsideWithItsOwnSurroundings() throws InterruptedException {
    String id = start(container("sleep", "60"));
    String exec =
        docker.execCreateCmd(id).withAttachStdout(true).withAttachStderr(true).withEnv(List.of("COLOUR=red")).withWorkingDir("/etc").withUser("nobody").withCmd("sh", "-c", "pwd; id -un; echo $COLOUR; exit 5")
            .exec().getId();

    Output output = docker.execStartCmd(exec).exec(new Output()).whole();

    assertEquals("/etc\nnobody\nred\n", output.text(StreamType.STDOUT));
    assertEquals(5L, docker.inspectExecCmd(exec).exec().getExitCodeLong());
  }

  /** The command ends by itself after a line: whether the library closes its half of the connection is not asked here. */
  @Test
  void inputComesBackThroughAttach() throws Exception {
    String id = create(container("sh", "-c", "read line; echo got $line").withAttachStdin(true).withAttachStdout(true).withStdinOpen(true).withStdInOnce(true));
    Output output = new Output();
    docker.attachContainerCmd(id).withStdIn(new ByteArrayInputStream("quiet\n".getBytes(StandardCharsets.UTF_8))).withStdOut(true).withFollowStream(true).exec(output).awaitStarted(5, TimeUnit.SECONDS);

    docker.startContainerCmd(id).exec();

    assertEquals("got quiet\n", output.whole().text(StreamType.STDOUT));
  }

  @Test
  void filesComeBackFromAContainerThatNeverRan() throws IOException {
    String id = create(container("true"));

    try (InputStream archive = docker.copyArchiveFromContainerCmd(id, "/etc/passwd").exec()) {
      assertTrue(new String(archive.readAllBytes(), StandardCharsets.ISO_8859_1).contains("root:x:0:0"));
    }
    assertThrows(NotFoundException.class, () -> docker.copyArchiveFromContainerCmd(id, "/nosuch").exec());
  }

  @Test
  void aPublishedPortAnswers() throws Exception {
    ExposedPort port = ExposedPort.tcp(7000);
    HostConfig host = HostConfig.newHostConfig().withPortBindings(new PortBinding(Ports.Binding.bindIp("127.0.0.1"), port));
    String id = start(container("nc", "-ll", "-p", "7000", "-e", "echo", "served").withExposedPorts(port).withHostConfig(host));
    int published = Integer.parseInt(docker.inspectContainerCmd(id).exec().getNetworkSettings().getPorts().getBindings().get(port)[0].getHostPortSpec());

    assertEquals("served\n", readWhenReady(published));
  }

  private static String readWhenReady(int port) throws InterruptedException {
    for (int attempt = 0; attempt < 100; attempt++) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!text.isEmpty()) {
          return text;
        }
      } catch (IOException e) {
        // Not listening yet.
      }
      Thread.sleep(50);
    }
    return "nothing";
  }

  @Test
  void aNeighbourIsFoundByItsAlias() throws InterruptedException {
    String network = docker.createNetworkCmd().withName(prefix + "-net").exec().getId();
    HostConfig host = HostConfig.newHostConfig().withNetworkMode(prefix + "-net");
    String server = start(container("sleep", "60").withAliases("shop").withHostConfig(host));
    String client = start(container("nslookup", "shop").withHostConfig(host));
    await(client);

    String address = docker.inspectContainerCmd(server).exec().getNetworkSettings().getNetworks().get(prefix + "-net").getIpAddress();
    assertTrue(logs(client).text(StreamType.STDOUT).contains(String.valueOf(address)));

    removeNow(server, client);
    docker.removeNetworkCmd(network).exec();
  }

  private void removeNow(String... ids) {
    for (String each : ids) {
      docker.removeContainerCmd(each).withForce(true).exec();
      made.remove(each);
    }
  }

  @Test
  void aVolumeOutlivesItsContainers() {
    String volume = docker.createVolumeCmd().withName(prefix + "-vol").exec().getName();
    HostConfig host = HostConfig.newHostConfig().withBinds(new Bind(volume, new Volume("/data")));
    String writer = start(container("sh", "-c", "echo kept > /data/f").withHostConfig(host));
    assertEquals(0, await(writer));
    removeNow(writer);

    String reader = start(container("grep", "-q", "kept", "/data/f").withHostConfig(host));

    assertEquals(0, await(reader));
    removeNow(reader);
    docker.removeVolumeCmd(volume).exec();
  }

  @Test
  void aLifeIsToldInEvents() throws Exception {
    ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    String name = prefix + "-told";
    try (ResultCallback.Adapter<Event> events =
        docker.eventsCmd().withContainerFilter(name).exec(
            new ResultCallback.Adapter<Event>() {
              @Override
              public void onNext(Event event) {
                seen.add(String.valueOf(event.getAction()));
              }
            })) {
      events.awaitStarted(5, TimeUnit.SECONDS);
      String id = start(container("true").withName(name));
      await(id);
      removeNow(id);
      for (int attempt = 0; attempt < 100 && !seen.contains("destroy"); attempt++) {
        Thread.sleep(50);
      }
    }

    assertTrue(seen.containsAll(List.of("create", "start", "die", "destroy")), seen.toString());
  }

  @Test
  void aRunningContainerIsPausedChangedAndRenamed() {
    String id = start(container("sleep", "60").withHostConfig(HostConfig.newHostConfig().withMemory(48L << 20)));

    docker.pauseContainerCmd(id).exec();
    assertEquals(Boolean.TRUE, docker.inspectContainerCmd(id).exec().getState().getPaused());
    docker.unpauseContainerCmd(id).exec();
    docker.updateContainerCmd(id).withCpuShares(700).exec();
    docker.renameContainerCmd(id).withName(prefix + "-new").exec();

    assertEquals(700, docker.inspectContainerCmd(id).exec().getHostConfig().getCpuShares());
    assertEquals("/" + prefix + "-new", docker.inspectContainerCmd(id).exec().getName());
    assertEquals(1, docker.topContainerCmd(id).exec().getProcesses().length);
  }

  @Test
  void aCommittedImageGoesOutAndComesIn() throws IOException {
    String id = start(container("touch", "/made"));
    await(id);
    String image = docker.commitCmd(id).withRepository(prefix).withTag("1").exec();
    byte[] archive;
    try (InputStream saved = docker.saveImageCmd(prefix + ":1").exec()) {
      archive = saved.readAllBytes();
    }
    docker.removeImageCmd(prefix + ":1").exec();

    docker.loadImageCmd(new ByteArrayInputStream(archive)).exec();

    assertNotNull(image);
    assertEquals(image, docker.inspectImageCmd(prefix + ":1").exec().getId());
    docker.removeImageCmd(prefix + ":1").exec();
  }

  /** Collects frames by their stream. */
  private static final class Output extends ResultCallback.Adapter<Frame> {
    private final StringBuffer out = new StringBuffer();
    private final StringBuffer err = new StringBuffer();

    @Override
    public void onNext(Frame frame) {
      (frame.getStreamType() == StreamType.STDERR ? err : out).append(new String(frame.getPayload(), StandardCharsets.UTF_8));
    }

    Output whole() throws InterruptedException {
      assertTrue(awaitCompletion(20, TimeUnit.SECONDS), "the stream must end");
      return this;
    }

    String text(StreamType stream) {
      return (stream == StreamType.STDERR ? err : out).toString();
    }
  }
}
