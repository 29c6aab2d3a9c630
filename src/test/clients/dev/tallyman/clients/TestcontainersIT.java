package dev.tallyman.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.HealthCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.WaitingConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** What tests do that were written with Testcontainers, on the instance that DOCKER_HOST names. Started by src/test/clients/java-clients.sh. */
@Tag("clients")
@Timeout(90)
class TestcontainersIT {
  private static final DockerImageName IMAGE = DockerImageName.parse("busybox:latest");
  private static final int PORT = 8081;

  private static GenericContainer<?> container(String... command) {
    return new GenericContainer<>(IMAGE).withCommand(command);
  }

  private static GenericContainer<?> site() {
    return container("sh", "-c", "mkdir /site; echo welcome > /site/index.html; echo serving; httpd -f -p " + PORT + " -h /site").withExposedPorts(PORT);
  }

  private static String get(GenericContainer<?> site) throws IOException {
    try (InputStream page = URI.create("http://" + site.getHost() + ":" + site.getMappedPort(PORT) + "/").toURL().openStream()) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void waitsForAPort() throws IOException {
    try (GenericContainer<?> site = site()) {
      site.start();

      assertEquals("welcome\n", get(site));
      assertEquals("true", site.getContainerInfo().getConfig().getLabels().get("org.testcontainers"));
    }
  }

  /** By somebody who has logged in at a registry: the library sends that along, with a field that it writes twice. */
  @Test
  void runsAnImageOfItsOwn() throws Exception {
    ImageFromDockerfile image =
        new ImageFromDockerfile().withFileFromString("note", "noted").withDockerfileFromBuilder(builder -> builder.from("busybox:latest").copy("note", "/note").run("cp /note /kept").cmd("sleep", "60").build());
    try (GenericContainer<?> container = new GenericContainer<>(image)) {
      container.start();

      assertEquals("noted", container.execInContainer("cat", "/kept").getStdout());
    }
  }

  @Test
  void waitsForAnAnswer() throws IOException {
    try (GenericContainer<?> site = site().waitingFor(Wait.forHttp("/").forStatusCode(200))) {
      site.start();

      assertEquals("welcome\n", get(site));
    }
  }

  @Test
  void waitsForALine() {
    try (GenericContainer<?> site = site().waitingFor(Wait.forLogMessage("serving\\n", 1))) {
      site.start();

      assertTrue(site.getLogs().contains("serving"));
    }
  }

  @Test
  void waitsForHealth() {
    HealthCheck check = new HealthCheck().withTest(List.of("CMD-SHELL", "test -e /etc/passwd")).withInterval(TimeUnit.SECONDS.toNanos(1));
    try (GenericContainer<?> well = container("sleep", "60").withCreateContainerCmdModifier(each -> each.withHealthcheck(check)).waitingFor(Wait.forHealthcheck())) {
      well.start();

      assertTrue(well.isHealthy());
    }
  }

  @Test
  void runsCommandsInside() throws Exception {
    try (GenericContainer<?> box = container("sleep", "60").withEnv("SIDE", "left")) {
      box.start();

      ExecResult result = box.execInContainer("sh", "-c", "echo $SIDE; echo right >&2; exit 6");

      assertEquals("left\n", result.getStdout());
      assertEquals("right\n", result.getStderr());
      assertEquals(6, result.getExitCode());
    }
  }

  @Test
  void runsOnceToItsEnd() {
    try (GenericContainer<?> once = container("echo", "all done").withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(Duration.ofSeconds(20)))) {
      once.start();

      assertEquals("all done\n", once.getLogs(OutputFrame.OutputType.STDOUT));
    }
  }

  @Test
  void seesAFailure() {
    try (GenericContainer<?> once = container("false").withStartupCheckStrategy(new OneShotStartupCheckStrategy())) {
      assertThrows(ContainerLaunchException.class, once::start);
    }
  }

  @Test
  void copiesBothWays(@TempDir Path folder) throws Exception {
    Path script = Files.writeString(folder.resolve("script"), "echo from the host");
    try (GenericContainer<?> box =
        container("sleep", "60").withCopyFileToContainer(MountableFile.forHostPath(script, 0755), "/bin/script").withCopyToContainer(Transferable.of("memory"), "/srv/text")) {
      box.start();

      assertEquals("from the host\nmemory", box.execInContainer("sh", "-c", "sh /bin/script; cat /srv/text").getStdout());
      assertEquals("755\n", box.execInContainer("stat", "-c", "%a", "/bin/script").getStdout());
      box.copyFileFromContainer("/srv/text", folder.resolve("back").toString());
      assertEquals("memory", Files.readString(folder.resolve("back")));
    }
  }

  @Test
  void findsAnotherByItsAlias() throws Exception {
    try (Network network = Network.newNetwork();
        GenericContainer<?> site = site().withNetwork(network).withNetworkAliases("site");
        GenericContainer<?> box = container("sleep", "60").withNetwork(network)) {
      site.start();
      box.start();

      assertEquals("welcome\n", box.execInContainer("wget", "-qO-", "http://site:" + PORT + "/").getStdout());
    }
  }

  @Test
  void followsTheOutput() throws Exception {
    WaitingConsumer lines = new WaitingConsumer();
    try (GenericContainer<?> counter = container("sh", "-c", "for n in 1 2 3; do echo line $n; sleep 0.1; done; sleep 60").withLogConsumer(lines)) {
      counter.start();

      lines.waitUntil(frame -> frame.getUtf8String().contains("line 3"), 15, TimeUnit.SECONDS);
    }
  }

  @Test
  void mountsAFolderReadOnlyAndMemory(@TempDir Path folder) throws Exception {
    // As a test's folder is: root's alone. The policy says no_root_squash there.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(folder.resolve("given"), "by the host");
    try (GenericContainer<?> box = container("sleep", "60").withFileSystemBind(folder.toString(), "/given", BindMode.READ_ONLY).withTmpFs(Map.of("/fast", "rw"))) {
      box.start();

      assertEquals("by the host", box.execInContainer("cat", "/given/given").getStdout());
      assertNotEquals(0, box.execInContainer("touch", "/given/new").getExitCode());
      assertEquals(0, box.execInContainer("grep", "-q", " /fast tmpfs", "/proc/mounts").getExitCode());
    }
  }

  @Test
  void writesIntoAFolder(@TempDir Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    try (GenericContainer<?> box = container("sleep", "60").withFileSystemBind(folder.toString(), "/results", BindMode.READ_WRITE)) {
      box.start();

      assertEquals(0, box.execInContainer("sh", "-c", "umask 077; mkdir /results/reports; echo passed > /results/reports/one").getExitCode());
      assertEquals("passed\n", Files.readString(folder.resolve("reports/one")));
      assertEquals(0, Files.getAttribute(folder.resolve("reports/one"), "unix:uid"));
    }
  }

  @Test
  void survivesAStopAndAStart() {
    try (GenericContainer<?> site = site()) {
      site.start();
      site.getDockerClient().stopContainerCmd(site.getContainerId()).withTimeout(1).exec();
      site.getDockerClient().startContainerCmd(site.getContainerId()).exec();

      assertTrue(site.isRunning());
    }
  }
}
