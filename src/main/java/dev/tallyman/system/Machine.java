package dev.tallyman.system;

import dev.tallyman.kernel.KernelProbe;
import dev.tallyman.kernel.ResourceUse;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The machine that the server runs on. */
@Singleton
public class Machine {
  private static final Path MACHINE_ID = Path.of("/etc/machine-id");
  private static final Path RELEASE = Path.of("/etc/os-release");

  private final KernelProbe probe;
  private final ResourceUse use;
  private final String version;
  private final String root;

  @Inject
  Machine(KernelProbe probe, ResourceUse use, @ConfigProperty(name = "quarkus.application.version") String version, @ConfigProperty(name = "tallyman.state") String root) {
    this.probe = probe;
    this.use = use;
    this.version = version;
    this.root = root;
  }

  public String serverVersion() {
    return version;
  }

  /** Tells this instance from others, on this machine and on others with its name; the same after each start. The machine's own id stays secret, see machine-id(5). */
  public String instanceId() {
    return instanceId(MACHINE_ID, name(), root);
  }

  static String instanceId(Path machineId, String name, String root) {
    String machine = "";
    try {
      machine = Files.readString(machineId).strip();
    } catch (IOException e) {
      // Not every distribution has the file.
    }
    // Images that are copied to many machines have an empty one, or this word, until the first boot.
    boolean isSaid = !machine.isEmpty() && !machine.equals("uninitialized");
    return UUID.nameUUIDFromBytes(((isSaid ? machine : name) + " " + root).getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** The folder of this instance's images and containers. */
  public String rootFolder() {
    return root;
  }

  public String kernelVersion() {
    return System.getProperty("os.version");
  }

  /** As uname writes it. */
  public String architecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
  }

  public String goArchitecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
  }

  public ResourceUse.Host host() {
    return use.host();
  }

  /** 1 or 2; a hybrid host has its controllers in version 1. */
  public String cgroupVersion() {
    String fact = probe.facts().getOrDefault("cgroup", "v2").toLowerCase(Locale.ROOT);
    return fact.equals("v2") || fact.equals("2") ? "2" : "1";
  }

  public String name() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine without a name of its own.
      return "localhost";
    }
  }

  public String operatingSystem() {
    return release("PRETTY_NAME", "Linux");
  }

  public String operatingSystemVersion() {
    return release("VERSION_ID", "");
  }

  private static String release(String key, String absent) {
    try {
      return Files.readAllLines(RELEASE).stream()
          .filter(line -> line.startsWith(key + "="))
          .map(line -> line.substring(key.length() + 1).replace("\"", ""))
          .findFirst()
          .orElse(absent);
    } catch (IOException e) {
      // Not every distribution has the file.
      return absent;
    }
  }
}
