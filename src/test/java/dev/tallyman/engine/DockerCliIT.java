package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real docker client on the socket of a server over the kernel in memory. */
@QuarkusTest
@Tag("docker")
@Timeout(90)
class DockerCliIT extends EngineTest {
  @TempDir Path config;

  private record Result(int status, String out, String errors) {
    String all() {
      return out + errors;
    }
  }

  @BeforeEach
  void giveToken() throws IOException {
    Files.writeString(config.resolve("config.json"), "{\"HttpHeaders\":{\"X-Tallyman-Token\":\"" + accounts.adminToken() + "\"}}");
  }

  private Result docker(String... args) {
    return docker(new byte[0], args);
  }

  private Result docker(byte[] input, String... args) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(args));
    return run(input, command);
  }

  private Result run(byte[] input, List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("DOCKER_HOST", "unix://" + Path.of(socket).toAbsolutePath());
      builder.environment().put("DOCKER_CONFIG", config.toString());
      Process process = builder.start();
      CompletableFuture<byte[]> out = reading(process.getInputStream());
      CompletableFuture<byte[]> errors = reading(process.getErrorStream());
      try (OutputStream in = process.getOutputStream()) {
        in.write(input);
      } catch (IOException e) {
        // The client has ended without reading its input.
      }
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " hangs: " + new String(out.get(), StandardCharsets.UTF_8) + new String(errors.get(), StandardCharsets.UTF_8));
      }
      return new Result(process.exitValue(), new String(out.get(), StandardCharsets.UTF_8), new String(errors.get(), StandardCharsets.UTF_8));
    } catch (IOException | InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CompletableFuture<byte[]> reading(InputStream stream) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private String ok(String... args) {
    Result result = docker(args);
    assertEquals(0, result.status, () -> String.join(" ", args) + ": " + result.all());
    return result.out.strip();
  }

  private void fails(int status, String text, String... args) {
    Result result = docker(args);
    assertEquals(status, result.status, () -> String.join(" ", args) + ": " + result.all());
    assertTrue(result.all().contains(text), () -> String.join(" ", args) + ": " + result.all());
  }

  @Test
  void runGivesOutputErrorsAndExitCode() {
    assertEquals("hello", ok("run", "--rm", "busybox", "echo", "hello"));
    Result result = docker("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7");
    assertEquals(new Result(7, "out\n", "err\n"), result);
    fails(127, "executable file not found in $PATH", "run", "--rm", "busybox", "nope");
    fails(126, "permission denied", "run", "--rm", "busybox", "/noexec");
    fails(125, "onnection refused", "run", "--rm", "localhost:1/nosuch:1", "true");
    fails(125, "Minimum memory limit allowed is 6MB", "run", "--rm", "--memory", "1m", "busybox", "true");
  }

  @Test
  void inputReachesTheProcessAndSoDoesItsEnd() {
    assertEquals("abc", docker("abc".getBytes(StandardCharsets.UTF_8), "run", "-i", "--rm", "busybox", "cat").out);
    Result late = docker("x\n".getBytes(StandardCharsets.UTF_8), "run", "-i", "--rm", "busybox", "sh", "-c", "cat; sleep 0.3; echo after");
    assertEquals(new Result(0, "x\nafter\n", ""), late);
    byte[] much = "0123456789abcdef".repeat(1 << 18).getBytes(StandardCharsets.UTF_8);
    assertEquals(much.length, docker(much, "run", "-i", "--rm", "busybox", "cat").out.length());
  }

  @Test
  void terminalSessions() {
    Result run = run(new byte[0], List.of("script", "-qec", "docker run --rm -it busybox echo hi", "/dev/null"));
    assertTrue(run.out.contains("hi\r\n"), run.all());
    ok("run", "-d", "--name", "tty", "busybox", "sleep", "60");
    Result exec = run(new byte[0], List.of("script", "-qec", "docker exec -it tty tty", "/dev/null"));
    assertTrue(exec.out.contains("/dev/pts/"), exec.all());
    ok("rm", "-f", "tty");
  }

  @Test
  void execHasStreamsAndExitCodes() {
    ok("run", "-d", "--name", "execs", "busybox", "sleep", "60");
    assertEquals(new Result(3, "a\n", "b\n"), docker("exec", "execs", "sh", "-c", "echo a; echo b >&2; exit 3"));
    assertEquals("in", docker("in".getBytes(StandardCharsets.UTF_8), "exec", "-i", "execs", "cat").out);
    assertEquals(127, docker("exec", "execs", "nope").status);
    assertEquals("v", ok("exec", "-e", "K=v", "-w", "/tmp", "execs", "sh", "-c", "echo $K"));
    ok("exec", "-d", "execs", "sleep", "5");
    ok("pause", "execs");
    fails(1, "is paused", "exec", "execs", "true");
    ok("unpause", "execs");
    ok("rm", "-f", "execs");
  }

  @Test
  void logsAndTheirEnd() {
    ok("run", "-d", "--name", "ticker", "busybox", "sh", "-c", "for i in 1 2 3; do echo line $i; done; sleep 0.5; echo last >&2; sleep 0.5");
    Result followed = docker("logs", "-f", "ticker");
    assertEquals(new Result(0, "line 1\nline 2\nline 3\n", "last\n"), followed);
    assertEquals("line 3", ok("logs", "--tail", "2", "ticker").strip());
    assertTrue(ok("logs", "-t", "ticker").matches("(?s)\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z line 1.*"));
    assertEquals("", ok("logs", "--until", "1h", "ticker"));
    ok("rm", "ticker");
  }

  @Test
  void listsAndInspection() {
    ok("run", "-d", "--name", "web", "-l", "role=web", "-p", "127.0.0.1:18077:80", "-m", "64m", "--cpus", "0.5", "busybox", "sleep", "60");
    assertEquals("web", ok("ps", "--filter", "label=role=web", "--format", "{{.Names}}"));
    assertEquals("127.0.0.1:18077->80/tcp", ok("ps", "--filter", "name=web", "--format", "{{.Ports}}"));
    assertTrue(ok("ps", "-a").contains("Up "));
    assertTrue(ok("ps", "-as").contains("web"));
    assertEquals("67108864 500000000", ok("inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}", "web"));
    assertEquals("127.0.0.1:18077", ok("port", "web", "80"));
    assertTrue(ok("top", "web").contains("sleep 60"));
    assertTrue(ok("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.CPUPerc}}", "web").startsWith("web "));
    ok("update", "--memory", "128m", "--memory-swap", "-1", "web");
    assertEquals("134217728", ok("inspect", "-f", "{{.HostConfig.Memory}}", "web"));
    ok("rename", "web", "site");
    fails(1, "No such", "inspect", "--type", "container", "web");
    assertTrue(ok("network", "inspect", "bridge").contains("site"));
    ok("restart", "-t", "0", "site");
    ok("stop", "-t", "0", "site");
    assertEquals("exited 137", ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "site"));
    ok("start", "site");
    ok("kill", "-s", "KILL", "site");
    assertEquals("137", ok("wait", "site"));
    ok("rm", "site");
  }

  @Test
  void imagesInAndOut() throws IOException {
    Path archive = config.resolve("busybox.tar");
    String id = ok("images", "-q", "--no-trunc", "busybox");
    ok("save", "busybox", "-o", archive.toString());
    assertEquals("Loaded image: busybox:latest", ok("load", "-i", archive.toString()));
    assertEquals(id, ok("images", "-q", "--no-trunc", "busybox"));
    ok("tag", "busybox", "box:one");
    assertTrue(ok("images", "--format", "{{.Repository}}:{{.Tag}}").contains("box:one"));
    assertTrue(ok("rmi", "box:one").contains("Untagged: box:one"));
    Path root = config.resolve("root.tar");
    Files.write(root, tar());
    assertTrue(ok("import", "-c", "CMD [\"echo\",\"hi\"]", "-c", "ENV A=b", root.toString(), "mine:1").matches("sha256:[0-9a-f]{64}"));
    assertEquals("hi", ok("run", "--rm", "mine:1"));
    assertEquals("[A=b]", ok("inspect", "-f", "{{.Config.Env}}", "mine:1"));
    assertTrue(ok("history", "mine:1").lines().count() >= 2);
    ok("create", "--name", "user", "mine:1");
    assertEquals(1, docker("rmi", "mine:1").status);
    ok("rm", "user");
    assertTrue(ok("rmi", "mine:1").contains("Deleted: sha256:"));
    Files.write(config.resolve("cut.tar"), Arrays.copyOf(Files.readAllBytes(archive), 3000));
    assertEquals(1, docker("load", "-i", config.resolve("cut.tar").toString()).status);
  }

  @Test
  void changesCommitAndExport() {
    ok("run", "--name", "changed", "busybox", "touch", "/new");
    assertTrue(ok("diff", "changed").contains("A /new"));
    assertTrue(ok("commit", "-m", "why", "-c", "LABEL a=b", "changed", "committed:1").startsWith("sha256:"));
    assertEquals("b", ok("inspect", "-f", "{{.Config.Labels.a}}", "committed:1"));
    assertTrue(docker("export", "changed").out.contains("new"));
    ok("cp", "changed:/new", config.resolve("x").toString());
    assertTrue(config.resolve("x").toFile().isFile());
    ok("rm", "changed");
    ok("rmi", "committed:1");
  }

  @Test
  void factsAboutTheServer() {
    assertTrue(ok("version").contains("Tallyman"));
    assertTrue(docker("info").out.contains("Server Version:"));
    assertTrue(ok("system", "df").contains("Images"));
    assertTrue(ok("system", "df", "-v").contains("busybox"));
    assertEquals("bridge\nhost\nnone", ok("network", "ls", "--format", "{{.Name}}").lines().sorted().reduce((a, b) -> a + "\n" + b).orElse(""));
    assertEquals("DRIVER    VOLUME NAME", ok("volume", "ls"));
    fails(1, "volume name is too short", "volume", "create", "v");
    assertEquals("data", ok("volume", "create", "data"));
    assertEquals("data", ok("volume", "rm", "data"));
    fails(1, "not a swarm manager", "node", "ls");
    fails(1, "onnection refused", "pull", "localhost:1/busybox");
    fails(1, "An image does not exist locally with the tag: localhost:1/busybox", "push", "localhost:1/busybox");
    ok("network", "create", "mine");
    assertEquals("mine", ok("network", "rm", "mine"));
    assertEquals(0, docker("system", "prune", "-f").status);
    String id = ok("run", "-d", "busybox", "true");
    ok("wait", id);
    ok("rm", id);
    // The client cuts times to seconds: "now" would leave out the current one.
    String events = ok("events", "--since", "1h", "--until=-1s", "--filter", "container=" + id);
    assertTrue(events.contains("container die " + id), events);
  }
}
