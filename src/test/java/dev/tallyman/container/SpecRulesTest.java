package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SpecRulesTest {
  private static final ContainerConfig CONFIG = new Defaults();

  static Stream<Arguments> bad() {
    return Stream.of(
        row("no image specified", s -> s.image = ""),
        row("no command specified", s -> { s.image = ""; s.cmd = List.of(); }),
        row("environment variable", s -> s.env = List.of("=x")),
        row("NUL", s -> s.env = List.of("A=b\0c")),
        row("NUL", s -> s.cmd = List.of("a\0b")),
        row("longer than", s -> s.cmd = List.of("x".repeat(200_000))),
        row("needs to be an absolute path", s -> s.workingDir = "tmp"),
        row("has 65 folders, one in the other; 64 at most", s -> s.workingDir = "/a".repeat(65)),
        row("4095 bytes at most", s -> s.workingDir = "/" + "ä".repeat(2050)),
        row("uids and gids must be in range", s -> s.user = "4294967296"),
        row("uids and gids must be in range 0-2147483647: -1", s -> s.user = "-1"),
        row("unable to find user root?: no matching entries in passwd file", s -> s.user = "root\n"),
        row("unable to find user a b: no matching entries in passwd file", s -> s.user = "a b:c"),
        row("uids and gids must be in range", s -> s.user = "0:99999999999"),
        row("unable to find group x;y: no matching entries in group file", s -> s.groups = List.of("x;y")),
        row("invalid label", s -> s.labels = Map.of("", "x")),
        row("invalid hostname format", s -> s.hostname = "a b"),
        row("invalid hostname format", s -> s.hostname = "-a"),
        row("invalid signal: FOO", s -> s.stopSignal = "FOO"),
        row("invalid stop timeout", s -> s.stopTimeout = -2),
        row("invalid port specification", s -> s.exposed = List.of("70000/tcp")),
        row("invalid proto", s -> s.exposed = List.of("80/ip")),
        row("invalid port specification", s -> s.publishing("80", "90000x")),
        row("invalid IP address: 1.2.3", s -> s.ports.add(new PortBinding("80/tcp", "1.2.3", "80"))),
        row("invalid port specification", s -> s.publishing("80", "8010-8000")),
        row("IPv6", s -> s.ports.add(new PortBinding("80/tcp", "::1", "80"))),
        row("conflicting options: port publishing", s -> { s.network = "container:x"; s.publishing("80", "80"); }),
        row("conflicting options: hostname", s -> { s.network = "container:x"; s.hostname = "h"; }),
        row("host type networking can't be used with links", s -> { s.network = "host"; s.links = List.of("a:b"); }),
        row("container type network can't be used with links", s -> { s.network = "container:x"; s.links = List.of("a:b"); }),
        row("invalid container format container:<name|id>", s -> s.network = "container"),
        row("not a valid mac address", s -> s.mac = "1:2:3"),
        row("multicast", s -> s.mac = "01:00:5e:00:00:01"),
        row("invalid IP address", s -> s.dns = List.of("nowhere")),
        row("bad format for add-host", s -> s.extraHosts = List.of("nothing")),
        row("invalid IP address in add-host", s -> s.extraHosts = List.of("a:b c")),
        row("Minimum memory limit allowed is 6MB", s -> s.limits = memory(4096, 0)),
        row("Memoryswap", s -> s.limits = memory(0, 1 << 24)),
        row("memoryswap limit should be larger", s -> s.limits = memory(1 << 25, 1 << 24)),
        row("Minimum memory limit allowed is 6MB", s -> s.limits = memory(-5, 0)),
        row("invalid memory limit: MemorySwap is negative", s -> s.limits = memory(0, -2)),
        row("CPU shares", s -> s.limits = new Limits(0, 0, 0, 0, 0, 0, 1, "")),
        row("CPU cfs period", s -> s.limits = new Limits(0, 0, 0, 0, 0, 10, 0, "")),
        row("CPU cfs quota", s -> s.limits = new Limits(0, 0, 0, 0, 10, 0, 0, "")),
        row("Range of CPUs", s -> s.limits = new Limits(0, 0, 0, 0, 1_000_000_000, 0, 0, "")),
        row("cpuset", s -> s.limits = new Limits(0, 0, 0, 0, 0, 0, 0, "0;1")),
        row("Requested CPUs are not available - requested 9,9000-9001", s -> s.limits = new Limits(0, 0, 0, 0, 0, 0, 0, "9,9000-9001")),
        row("ends before it begins", s -> s.limits = new Limits(0, 0, 0, 0, 0, 0, 0, "1-0")),
        row("pids", s -> s.limits = new Limits(0, 0, 0, -2, 0, 0, 0, "")),
        row("unknown policy 'sometimes'", s -> s.restarting("sometimes", 0)),
        row("maximum retry count can only", s -> s.restarting("always", 3)),
        row("maximum retry count cannot be negative", s -> s.restarting("on-failure", -1)),
        row("can't create 'AutoRemove'", s -> { s.restarting("always", 0); s.isRemovedAtExit = true; }),
        row("invalid CapAdd: unknown capability: \"CAP_FLY\"", s -> s.capAdd = List.of("FLY")),
        row("invalid --security-opt", s -> s.security = List.of("magic=1")),
        row("decoding seccomp profile failed", s -> s.security = List.of("seccomp={}")),
        row("cannot share the host PID namespace", s -> s.special = modes("host", "", "", "")),
        row("invalid PID mode: shareable", s -> s.special = modes("shareable", "", "", "")),
        row("invalid PID mode: container:", s -> s.special = modes("container:", "", "", "")),
        row("cannot share the host IPC namespace", s -> s.special = modes("", "host", "", "")),
        row("invalid IPC mode: own", s -> s.special = modes("", "own", "", "")),
        row("one and the same container", s -> s.special = modes("container:a", "container:b", "", "")),
        row("--shm-size and the IPC namespace", s -> { s.special = modes("", "container:a", "", ""); s.shm = 1 << 20; }),
        row("invalid UTS mode: private", s -> s.special = modes("", "", "private", "")),
        row("hostname and the UTS mode", s -> { s.special = modes("", "", "host", ""); s.hostname = "h"; }),
        row("invalid cgroup namespace mode: none", s -> s.special = modes("", "", "", "none")),
        row("error gathering device information", s -> s.special = device("/etc/passwd", "", "")),
        row("error gathering device information", s -> s.special = device("/dev/a b", "", "")),
        row("absolute path", s -> s.special = device("/dev/kvm", "kvm", "")),
        row("invalid device mode: rwx", s -> s.special = device("/dev/kvm", "", "rwx")),
        row("invalid device cgroup rule format: 'c 1:1'", s -> s.special = rules("c 1:1")),
        row("invalid device cgroup rule format", s -> s.special = rules("d 1:1 r")),
        row("invalid path in HostConfig.MaskedPaths", s -> s.special = masked("proc")),
        row("invalid path in HostConfig.MaskedPaths", s -> s.special = masked("//.")),
        row("cpuset mems", s -> s.limits = fine(new FineLimits("x", null, 0, 0, 0, List.of()))),
        row("swappiness range is 0-100", s -> s.limits = fine(new FineLimits("", 101, 0, 0, 0, List.of()))),
        row("cannot be higher than cpu real-time period", s -> s.limits = fine(new FineLimits("", null, 10, 20, 0, List.of()))),
        row("Range of blkio weight is from 10 to 1000", s -> s.limits = fine(new FineLimits("", null, 0, 0, 9, List.of()))),
        row("invalid rate for device", s -> s.limits = fine(new FineLimits("", null, 0, 0, 0, List.of(new FineLimits.BlockLimit(FineLimits.Kind.READ_BYTES, "/dev/sda", 0))))),
        row("bad format for path", s -> s.limits = fine(new FineLimits("", null, 0, 0, 0, List.of(new FineLimits.BlockLimit(FineLimits.Kind.WEIGHT, "sda", 100))))),
        row("invalid ulimit type: wings", s -> s.ulimits = List.of(new Ulimit("wings", 1, 1))),
        row("soft limit must be less", s -> s.ulimits = List.of(new Ulimit("nofile", 9, 1))),
        row("soft limit must be less", s -> s.ulimits = List.of(new Ulimit("nofile", -1, 1))),
        row("invalid sysctl", s -> s.sysctls = Map.of("net/../x y", "1")),
        row("destination can't be '/'", s -> s.tmpfs = Map.of("/", "")),
        row("invalid tmpfs option", s -> s.tmpfs = Map.of("/t", "bind=/etc")),
        row("SHM size", s -> s.shm = -1),
        row("oom score adj", s -> s.oomScore = 2000),
        row("logging driver \"splunk\" is not supported", s -> s.logDriver = "splunk"), row("unknown log opt 'journald-x' for journald log driver", s -> { s.logDriver = "journald"; s.logOptions = Map.of("journald-x", "y"); }),
        row("syslog-address is required", s -> s.logDriver = "syslog"),
        row("unknown log opt 'max-size' for syslog log driver", s -> forwards(s, "syslog", "max-size", "1m")),
        row("unknown log opt 'fluentd-address' for syslog", s -> forwards(s, "syslog", "fluentd-address", "a:1")),
        row("invalid syslog facility", s -> forwards(s, "syslog", "syslog-facility", "local8")),
        row("Invalid syslog format", s -> forwards(s, "syslog", "syslog-format", "rfc1")),
        row("certificates are always verified", s -> forwards(s, "syslog", "syslog-tls-skip-verify", "true")),
        row("invalid log opt tag", s -> forwards(s, "syslog", "tag", "{{.Env}}")),
        row("cache-disabled is not supported", s -> forwards(s, "syslog", "cache-disabled", "true")),
        row("invalid log opt env-regex: error parsing regexp", s -> forwards(s, "syslog", "env-regex", "A(")),
        row("invalid log opt fluentd-async", s -> forwards(s, "fluentd", "fluentd-async", "maybe")),
        row("gelf: invalid compression type", s -> forwards(s, "gelf", "gelf-compression-type", "rar")),
        row("gelf: invalid compression level", s -> forwards(s, "gelf", "gelf-compression-level", "11")),
        row("no log driver named 'paper'", s -> s.logDriver = "paper"),
        row("unknown log opt 'wings' for json-file log driver", s -> s.logOptions = Map.of("wings", "x")),
        row("unknown log opt 'tag' for local log driver", s -> { s.logDriver = "local"; s.logOptions = Map.of("tag", "x"); }),
        row("invalid log opt tag", s -> s.logOptions = Map.of("tag", "{{.Secret}}")),
        row("invalid log opt tag", s -> s.logOptions = Map.of("tag", "{{range .}}")),
        row("logging mode not supported", s -> s.logOptions = Map.of("mode", "sometimes")),
        row("only supported with 'mode=non-blocking'", s -> s.logOptions = Map.of("max-buffer-size", "4m")),
        row("compress=true", s -> s.logOptions = Map.of("compress", "true")),
        row("invalid log opt labels-regex: error parsing regexp", s -> s.logOptions = Map.of("labels-regex", "(?=a)")),
        row("repetitions written out", s -> s.logOptions = Map.of("labels-regex", "((a{100}){100}){100}")),
        row("repetitions written out", s -> s.logOptions = Map.of("labels-regex", "a{99999999999}")),
        row("repetitions written out", s -> s.logOptions = Map.of("labels-regex", "(?:" + "a".repeat(980) + "b){1000}")),
        row("repetitions written out", s -> s.logOptions = Map.of("env-regex", "(?:" + "a?".repeat(10) + "){0,1000}b")),
        row("repetitions written out", s -> s.logOptions = Map.of("env-regex", "(?:" + "a?".repeat(490) + "){0,8}b")),
        row("at most 1000 characters", s -> s.logOptions = Map.of("labels-regex", "a".repeat(1001))),
        row("unknown log opt 'env-regex' for local log driver", s -> { s.logDriver = "local"; s.logOptions = Map.of("env-regex", "a"); }),
        row("max-file", s -> s.logOptions = Map.of("max-file", "0")),
        row("max-size", s -> s.logOptions = Map.of("max-size", "1")));
  }

  private static Arguments row(String text, Consumer<Specs> change) {
    return Arguments.of(text, change);
  }

  private static Limits memory(long bytes, long swap) {
    return new Limits(bytes, swap, 0, 0, 0, 0, 0, "");
  }

  private static Limits fine(FineLimits fine) {
    return new Limits(0, 0, 0, 0, 0, 0, 0, "", fine, false);
  }

  private static SpecialOptions modes(String pid, String ipc, String uts, String cgroup) {
    return new SpecialOptions(pid, ipc, uts, cgroup, List.of(), List.of(), null, null, Map.of(), List.of(), List.of(), false);
  }

  private static SpecialOptions device(String onHost, String inContainer, String access) {
    return new SpecialOptions("", "", "", "", List.of(new SpecialOptions.Device(onHost, inContainer, access)), List.of(), null, null, Map.of(), List.of(), List.of(), false);
  }

  private static SpecialOptions rules(String rule) {
    return new SpecialOptions("", "", "", "", List.of(), List.of(rule), null, null, Map.of(), List.of(), List.of(), false);
  }

  private static SpecialOptions masked(String path) {
    return new SpecialOptions("", "", "", "", List.of(), List.of(), List.of(path), null, Map.of(), List.of(), List.of(), false);
  }

  @ParameterizedTest
  @MethodSource("bad")
  void refusesWithAClearText(String text, Consumer<Specs> change) {
    Specs specs = Specs.of("true");
    change.accept(specs);

    TallymanException e = assertThrows(TallymanException.class, () -> SpecRules.check(specs.build(), CONFIG));

    assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
    assertTrue(e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.UNSUPPORTED, () -> e.kind().toString());
  }

  private static void forwards(Specs specs, String driver, String option, String value) {
    specs.logDriver = driver;
    specs.logOptions = Map.of(driver + "-address", driver.equals("fluentd") ? "a:1" : "udp://a:1", option, value);
  }

  @Test
  void acceptsWhatDockerAccepts() {
    Specs s = Specs.of("httpd", "-f").publishing("80/tcp", "8080").publishing("53/udp", "").restarting("on-failure", 5);
    s.env = List.of("A=b=c", "EMPTY=", "GONE", "LINES=a\nb");
    s.user = "1000:www-data";
    s.workingDir = "/srv";
    s.stopSignal = "SIGRTMIN+3";
    s.stopTimeout = -1;
    s.exposed = List.of("443");
    s.mac = "02:42:ac:11:00:02";
    s.dns = List.of("10.0.0.53", "fe80::1");
    s.extraHosts = List.of("db:10.1.2.3", "host.docker.internal:host-gateway", "six:::1");
    s.limits = new Limits(64 << 20, -1, 32 << 20, -1, 50_000, 100_000, 512, "0");
    s.capAdd = List.of("net_admin", "CAP_SYS_PTRACE");
    s.capDrop = List.of("ALL");
    s.security = List.of("no-new-privileges", "seccomp=unconfined", "no-new-privileges:true", "label=disable");
    s.groups = List.of("audio", "27");
    s.sysctls = Map.of("net.core.somaxconn", "128");
    s.tmpfs = Map.of("/run", "", "/tmp", "size=64m,mode=1777,noexec");
    s.ulimits = List.of(new Ulimit("nofile", 1024, 2048), new Ulimit("core", -1, -1));
    s.logOptions =
        Map.of("max-size", "10m", "max-file", "3", "labels", "a,b", "env", "A", "tag", "{{.Name}}/{{ .ID }}", "mode", "non-blocking", "max-buffer-size", "4m", "compress", "false");
    s.special =
        new SpecialOptions(
            "container:a", "container:a", "host", "host", List.of(new SpecialOptions.Device("/dev/kvm", "", "")), List.of("c 10:* rwm", "a *:* m"), List.of("/proc/x"), List.of(),
            Map.of("a", "b"), List.of("/bin/bash", "-c"), List.of("RUN true"), true);
    s.oomScore = -500;

    assertDoesNotThrow(() -> SpecRules.check(s.build(), CONFIG));
  }

  @Test
  void storesAndReadsASpecificationWithoutLoss() {
    Specs s = Specs.of("a", "b").publishing("80/tcp", "8080").restarting("on-failure", 5);
    s.entrypoint = List.of("e");
    s.stopTimeout = 3;
    s.isTty = true;
    s.isStdinOpen = true;
    s.isRemovedAtExit = true;
    s.ulimits = List.of(new Ulimit("nofile", 1024, 2048));
    s.limits = new Limits(1 << 26, 1 << 27, 0, 0, 0, 0, 0, "", new FineLimits("0", 7, 1, 2, 300, List.of(new FineLimits.BlockLimit(FineLimits.Kind.WEIGHT, "/dev/sda", 100))), true);
    s.special = device("/dev/kvm", "/dev/x", "r");
    ContainerSpec spec = s.build();

    assertEquals(spec, SpecJson.spec(SpecJson.write(spec)));
  }

  @Test
  void readsRecordsOfEarlierVersions() {
    String json = SpecJson.write(Specs.of("a").build()).replaceAll(",\"special\":\\{[^}]*}[^}]*}", "").replaceAll(",\"fine\":\\{[^}]*}", "");

    assertTrue(!json.contains("special") && !json.contains("fine"), json);
    assertEquals(Specs.of("a").build(), SpecJson.spec(json));
  }

  private record Defaults() implements ContainerConfig {
    @Override
    public long pids() {
      return 2048;
    }

    @Override
    public String logSize() {
      return "10m";
    }

    @Override
    public int logFiles() {
      return 3;
    }

    @Override
    public boolean engineSocket() {
      return true;
    }

    @Override
    public Duration stopTimeout() {
      return Duration.ofSeconds(10);
    }

    @Override
    public Duration restartPause() {
      return Duration.ofMillis(100);
    }

    @Override
    public Duration restartPauseMax() {
      return Duration.ofMinutes(1);
    }

    @Override
    public Duration restartReset() {
      return Duration.ofSeconds(10);
    }
  }
}
