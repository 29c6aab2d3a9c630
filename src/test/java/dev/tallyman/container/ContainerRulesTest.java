package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.Sandboxes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small rules that a container's life is made of. */
class ContainerRulesTest {
  private static final Instant NOW = Instant.parse("2026-11-28T10:00:00.123456789Z");

  private static Images.Image image(List<String> entrypoint, List<String> cmd) {
    ImageConfig config =
        new ImageConfig("app", List.of("80/tcp"), List.of("PATH=/bin", "LANG=C"), entrypoint, cmd, List.of(), "/srv", Map.of("from", "image"), "SIGINT", List.of(), List.of(), null);
    return new Images.Image("sha256:1", List.of(), List.of(), NOW, 0, "amd64", "linux", config, List.of(), List.of("layer"), "", "", 1, "admin", null, null, "{}");
  }

  private static List<String> command(List<String> entrypoint, List<String> cmd) {
    Specs specs = Specs.of();
    specs.entrypoint = entrypoint;
    specs.cmd = cmd;
    Plan plan = ImageDefaults.merge(specs.build(), image(List.of("/entry", "-x"), List.of("serve")));
    return java.util.stream.Stream.concat(java.util.stream.Stream.of(plan.path()), plan.args().stream()).toList();
  }

  @Test
  void mergesEntrypointAndCommandAsDockerDoes() {
    assertEquals(List.of("/entry", "-x", "serve"), command(null, null));
    assertEquals(List.of("/entry", "-x", "other"), command(null, List.of("other")));
    assertEquals(List.of("/mine"), command(List.of("/mine"), null));
    assertEquals(2, ImageDefaults.merge(Specs.of("other").build(), image(List.of("/entry", "-x"), List.of("serve"))).entrypointWords());
    assertEquals(0, ImageDefaults.merge(Specs.of("other").build(), image(List.of(), List.of("serve"))).entrypointWords());
    assertEquals(List.of("/mine", "arg"), command(List.of("/mine"), List.of("arg")));
    assertEquals(List.of("true"), command(List.of(""), List.of("true")));
    TallymanException e = assertThrows(TallymanException.class, () -> command(List.of(""), null));
    assertEquals("no command specified", e.getMessage());
  }

  @Test
  void takesTheRestOfTheImageUnlessTheCreatorSaysOtherwise() {
    Specs specs = Specs.of("true");
    specs.env = List.of("LANG=de", "NEW=1", "PATH");
    specs.labels = Map.of("mine", "1");

    Plan plan = ImageDefaults.merge(specs.build(), image(List.of(), List.of()));
    specs.workingDir = "/a/..//work/./it/";

    assertEquals("/work/it", ImageDefaults.merge(specs.build(), image(List.of(), List.of())).workingDir(), "as Go's filepath.Clean has it");
    assertEquals(List.of("PATH", "LANG=de", "NEW=1"), plan.env(), "as dockerd shows it; of the process it takes the variable away");
    assertEquals(List.of("HOSTNAME=h", "LANG=de", "NEW=1"), Environment.ofProcess(plan.env(), "h", false));
    assertEquals(Map.of("from", "image", "mine", "1"), plan.labels());
    assertEquals("app", plan.user());
    assertEquals("/srv", plan.workingDir());
    assertEquals("SIGINT", plan.stopSignal());
  }

  @Test
  void showsWhatTheImageExposesAndPassesOverWhatIsNoPort() {
    Specs specs = Specs.of("true");
    specs.exposed = List.of("80", "53/udp");
    assertEquals(List.of("80/tcp", "9/sctp", "53/udp"), NetworkRules.exposedTexts(List.of("80/tcp", "9/sctp", "8000-8010/tcp", "x", ""), specs.build()));
  }

  @Test
  void addsWhatEveryProcessNeeds() {
    assertEquals(List.of("PATH=/bin", "HOSTNAME=h", "TERM=xterm", "A=1"), Environment.ofProcess(List.of("PATH=/bin", "A=1"), "h", true));
    assertTrue(Environment.ofProcess(List.of(), "h", false).get(0).startsWith("PATH=/usr/local/sbin:"));
  }

  @ParameterizedTest
  @CsvSource({"9,9", "KILL,9", "SIGKILL,9", "sigterm,15", "RTMIN,34", "SIGRTMIN+3,37", "RTMAX-1,63", "64,64", "IOT,6"})
  void readsSignals(String text, int number) {
    assertEquals(number, Signals.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "65", "SIG", "SIGFOO", "-9", "9x"})
  void refusesWhatIsNoSignal(String text) {
    assertThrows(TallymanException.class, () -> Signals.parse(text));
  }

  @Test
  void givesElevenCapabilitiesByDefault() {
    assertEquals(11, Long.bitCount(Capabilities.of(Specs.of("true").build())));
    assertEquals(0, Capabilities.of(Specs.of("true").build()) & 1L << 13, "NET_RAW");
  }

  @Test
  void addsAndDropsCapabilities() {
    Specs all = Specs.of("true");
    all.capAdd = List.of("ALL");
    all.capDrop = List.of("SYS_ADMIN");
    Specs few = Specs.of("true");
    few.capDrop = List.of("all");
    few.capAdd = List.of("CAP_NET_RAW");

    assertEquals(40, Long.bitCount(Capabilities.of(all.build())));
    assertEquals(1L << 13, Capabilities.of(few.build()));
  }

  @Test
  void knowsWhichEndsAreRestarted() {
    Sandboxes.Exit bad = new Sandboxes.Exit(1, 0, false, NOW, NOW);
    Sandboxes.Exit good = new Sandboxes.Exit(0, 0, false, NOW, NOW);

    assertTrue(RestartRules.restarts(new RestartPolicy("always", 0), good, 99));
    assertTrue(RestartRules.restarts(new RestartPolicy("unless-stopped", 0), null, 0));
    assertTrue(RestartRules.restarts(new RestartPolicy("on-failure", 2), bad, 1));
    assertFalse(RestartRules.restarts(new RestartPolicy("on-failure", 2), bad, 2));
    assertFalse(RestartRules.restarts(new RestartPolicy("on-failure", 0), good, 0));
    assertTrue(RestartRules.restarts(new RestartPolicy("on-failure", 0), null, 0), "the machine went down with it: dockerd takes that for a failure");
    assertFalse(RestartRules.restarts(RestartPolicy.no(), bad, 0));
  }

  @Test
  void tellsAnUnknownEndFromATrueOne() {
    Status running = Status.created().started(new Sandboxes.Started(7, NOW), "admin", 0);

    Status unknown = running.ended(null, NOW, false);
    Status known = running.ended(new Sandboxes.Exit(255, 0, false, NOW, NOW), NOW, false);

    assertEquals(255, unknown.exitCode());
    assertFalse(unknown.isEndKnown());
    assertTrue(known.isEndKnown());
    assertEquals(Instant.parse("2026-11-28T10:00:00.123456Z"), running.startedAt());
  }

  @Test
  void refusesArrowsThatTheStateMachineLacks() {
    Status created = Status.created();

    assertThrows(IllegalStateException.class, () -> created.with(ContainerState.PAUSED));
    assertThrows(IllegalStateException.class, () -> created.with(ContainerState.REMOVED));
    assertEquals(ContainerState.CREATED, created.notStarted(127, "not found").state());
    for (ContainerState state : ContainerState.values()) {
      assertFalse(ContainerState.REMOVED.canBecome(state));
      assertFalse(state.canBecome(ContainerState.CREATED));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"_a", "-a", "a/b", "ä1", "a b", "", "a\n"})
  void refusesBadNames(String name) {
    assertTrue(assertThrows(TallymanException.class, () -> ContainerNames.checked(name)).getMessage().startsWith("Invalid container name"));
  }

  @Test
  void makesNamesAndIds() {
    assertEquals("web-1.x_y", ContainerNames.checked("/web-1.x_y"));
    assertEquals("r", ContainerNames.checked("r"));
    assertTrue(ContainerNames.newId().matches("[0-9a-f]{64}"));
    assertTrue(ContainerNames.generated(name -> true).matches("[a-z]+_[a-z]+"));
    assertTrue(ContainerNames.generated(name -> false).startsWith("container_"));
  }

  @Test
  void writesHostsAndResolvers() {
    Specs specs = Specs.of("true");
    specs.extraHosts = List.of("db:10.1.2.3", "gw:host-gateway");

    String hosts = HostFiles.hosts(specs.build(), "web", List.of("10.88.0.2", "10.89.0.2"), "10.88.0.1", List.of("10.88.0.9\tdb2 x"));

    assertTrue(hosts.startsWith("127.0.0.1\tlocalhost\n"));
    assertTrue(hosts.endsWith("10.1.2.3\tdb\n10.88.0.1\tgw\n10.88.0.9\tdb2 x\n10.88.0.2\tweb\n10.89.0.2\tweb\n"), hosts);
    assertTrue(HostFiles.hosts(specs.build(), "web.example.org", List.of("10.88.0.2"), null, List.of()).endsWith("10.88.0.2\tweb.example.org web\n"));
    List<String> host = List.of("nameserver 127.0.0.53", "nameserver 9.9.9.9", "search example.org", "options edns0");
    assertEquals("nameserver 9.9.9.9\nsearch example.org\noptions edns0\n", HostFiles.resolv(specs.build(), host, HostFiles.servers(host)));
    specs.dns = List.of("1.1.1.1");
    assertTrue(HostFiles.resolv(specs.build(), host, HostFiles.servers(host)).startsWith("nameserver 1.1.1.1\n"));
  }

  @Test
  void readsTimesToTheNanosecond() {
    assertEquals(Instant.ofEpochSecond(1_700_000_000, 271_387_784), Until.parse("1700000000.271387784"));
    assertEquals(Instant.ofEpochSecond(1_700_000_000, 500_000_000), Until.parse("1700000000.5"));
    assertEquals(Instant.ofEpochSecond(1_700_000_000), Until.parse("1700000000"));
  }

  @Test
  void addsToTheHostsFilesInTheHostsNetwork() {
    Specs specs = Specs.of("true");
    List<String> host = List.of("nameserver 127.0.0.53", "search example.org");
    String plain = HostFiles.resolvOfHost(specs.build(), host);

    specs.extraHosts = List.of("db:10.1.2.3");
    specs.dnsSearch = List.of("example.net");

    assertEquals("nameserver 127.0.0.53\nsearch example.org\n", plain);
    assertEquals("nameserver 127.0.0.53\nsearch example.net\n", HostFiles.resolvOfHost(specs.build(), host));
    assertEquals("127.0.0.1\tlocalhost\n10.1.2.3\tdb\n", HostFiles.hostsOfHost(specs.build(), List.of("127.0.0.1\tlocalhost")));
    specs.dns = List.of("1.1.1.1");
    assertTrue(HostFiles.resolvOfHost(specs.build(), host).startsWith("nameserver 1.1.1.1\n"));
  }
}
