package dev.tallyman.dashboard.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.container.SecretWish;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CreateFormReaderTest {
  /** Answers every text with the method's name. */
  private static final CreateTexts TEXTS =
      (CreateTexts) Proxy.newProxyInstance(CreateTexts.class.getClassLoader(), new Class<?>[] {CreateTexts.class}, (proxy, method, args) -> method.getName());

  private final CreateForm form = CreateForm.empty("busybox:latest");
  private final CreateFormReader reader = new CreateFormReader(form, TEXTS);

  @Test
  void leavesToTheImageWhatIsNotTyped() {
    ContainerSpec spec = reader.read();

    assertEquals(ContainerSpec.of("", "busybox:latest", null), spec);
  }

  @Test
  void readsEveryField() {
    form.name = " web ";
    form.command = "sh -c 'httpd -f'";
    form.entrypoint = "/bin/init --";
    form.env = "A=1\r\n\r\nB=x=y z";
    form.ports = "8081:80\n127.0.0.1:5353:53/udp\n443";
    form.network = "none";
    form.memory = "64m";
    form.cpus = "0.5";
    form.pids = "50";
    form.restart = "on-failure";
    form.retries = "3";
    form.user = "1000:1000";
    form.workdir = "/srv";
    form.hostname = "tally";
    form.labels = "team=web\nplain";
    form.tty = "on";
    form.input = "on";
    form.init = "on";
    form.readonly = "on";
    form.autoremove = "on";

    ContainerSpec spec = reader.read();

    assertEquals(Map.of(), reader.errors());
    assertEquals("web", spec.name());
    assertEquals(List.of("sh", "-c", "httpd -f"), spec.cmd());
    assertEquals(List.of("/bin/init", "--"), spec.entrypoint());
    assertEquals(List.of("A=1", "B=x=y z"), spec.env());
    assertEquals(List.of(new PortBinding("80/tcp", "", "8081"), new PortBinding("53/udp", "127.0.0.1", "5353"), new PortBinding("443/tcp", "", "")), spec.portBindings());
    assertEquals("none", spec.networkMode());
    assertEquals(64L << 20, spec.limits().memoryBytes());
    assertEquals(50_000, spec.limits().cpuQuotaMicros());
    assertEquals(100_000, spec.limits().cpuPeriodMicros());
    assertEquals(50, spec.limits().pids());
    assertEquals(new ContainerSpec.RestartPolicy("on-failure", 3), spec.restart());
    assertEquals("1000:1000", spec.user());
    assertEquals("/srv", spec.workingDir());
    assertEquals("tally", spec.hostname());
    assertEquals(Map.of("team", "web", "plain", ""), spec.labels());
    assertTrue(spec.isTty() && spec.isStdinOpen() && Boolean.TRUE.equals(spec.hasInit()) && spec.isReadOnly() && spec.isRemovedAtExit());
  }

  @Test
  void namesEveryFieldThatIsWrong() {
    form.image = "";
    form.command = "echo 'open";
    form.env = "NOVALUE";
    form.ports = "80:eighty";
    form.memory = "much";
    form.cpus = "-1";
    form.pids = "few";
    form.restart = "on-failure";
    form.retries = "often";
    form.labels = "=x";

    assertNull(reader.read());

    assertEquals(Set.of("image", "command", "env", "ports", "memory", "cpus", "pids", "retries", "labels"), reader.errors().keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "80/sctp", "1:2:3:4", ":", "80:", "abc", "8000-8010:80", "99999999999"})
  void refusesWhatIsNoPort(String port) {
    form.ports = port;

    reader.read();

    assertEquals(Set.of("ports"), reader.errors().keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "x", "1e9999", "5000", "NaN", "1e999999999"})
  void refusesWhatIsNoNumberOfCpus(String cpus) {
    form.cpus = cpus;

    reader.read();

    assertEquals(Set.of("cpus"), reader.errors().keySet());
  }

  @Test
  void treatsAnUnknownRestartPolicyAsNone() {
    form.restart = "sometimes";

    assertEquals(ContainerSpec.RestartPolicy.no(), reader.read().restart());
  }

  @Test
  void putsTheChosenNetworkBeforeFurtherOnes() {
    form.network = "front";
    form.aliases = " db, database  store ";
    form.address = "10.88.0.5";
    form.networks = "back\r\n\r\n name=deep,alias=a,ip=10.89.0.5,alias=b,ip6=fd00::5 ";

    ContainerSpec spec = reader.read();

    assertEquals(Map.of(), reader.errors());
    assertEquals("front", spec.networkMode());
    assertEquals(
        List.of(
            new PlaceSpec("front", "10.88.0.5", "", List.of("db", "database", "store"), List.of(), 0),
            PlaceSpec.plain("back"),
            new PlaceSpec("deep", "10.89.0.5", "", List.of("a", "b"), List.of(), 0, "fd00::5")),
        spec.networking().places());
  }

  @Test
  void takesAnAddressWithColonsForIpv6() {
    form.network = "front";
    form.address = "fd00::7";

    assertEquals(List.of(new PlaceSpec("front", "", "", List.of(), List.of(), 0, "fd00::7")), reader.read().networking().places());
  }

  /** The service leaves the bridge out when only others are named. */
  @Test
  void staysOnTheBridgeWhenThereAreFurtherNetworks() {
    form.networks = "back";

    assertEquals(List.of(PlaceSpec.plain("bridge"), PlaceSpec.plain("back")), reader.read().networking().places());
  }

  @ParameterizedTest
  @ValueSource(strings = {",", "alias=db", "back,", "back,db", "back,ip=", "back,ip=1,ip=2", "name=a,name=b", "back,mac=02:00:00:00:00:01", "=x", "back,=x"})
  void refusesWhatIsNoNetwork(String line) {
    form.networks = "fine\n" + line;

    assertNull(reader.read());

    assertEquals(Map.of("networks", "networkWrong"), reader.errors());
  }

  @Test
  void hasNothingToSetWithoutANetwork() {
    form.network = "none";
    form.aliases = "db";
    form.address = "10.88.0.5";
    form.networks = "back";

    assertNull(reader.read());

    assertEquals(Map.of("aliases", "networkNeeded", "address", "networkNeeded", "networks", "networkNeeded"), reader.errors());
  }

  @Test
  void readsSecretsLogAndFurtherLimits() {
    form.secrets = List.of("key", "", "cert", "key");
    form.logDriver = "local";
    form.logSize = "10m";
    form.logFiles = "3";
    form.reservation = "32m";
    form.shares = "512";
    form.storage = "10g";

    ContainerSpec spec = reader.read();

    assertEquals(Map.of(), reader.errors());
    assertEquals(List.of(new SecretWish("key", "", 0, 0, ""), new SecretWish("cert", "", 0, 0, "")), spec.mounts().secrets());
    assertEquals("local", spec.logDriver());
    assertEquals(Map.of("max-size", "10m", "max-file", "3"), spec.logOptions());
    assertEquals(32L << 20, spec.limits().memoryReservationBytes());
    assertEquals(512, spec.limits().cpuShares());
    assertEquals(Map.of("size", "10g"), spec.special().storage());
  }

  @Test
  void namesFieldsOfLogAndLimitsThatAreWrong() {
    form.logDriver = "syslog";
    form.logSize = "big";
    form.logFiles = "-1";
    form.reservation = "some";
    form.shares = "0";
    form.storage = "plenty";

    assertNull(reader.read());

    assertEquals(Set.of("logDriver", "logSize", "logFiles", "reservation", "shares", "storage"), reader.errors().keySet());
  }

  @Test
  void refusesSizesOfOutputThatIsNotKept() {
    form.logDriver = "none";
    form.logSize = "10m";
    form.logFiles = "3";

    assertNull(reader.read());

    assertEquals(Map.of("logSize", "logNotKept", "logFiles", "logNotKept"), reader.errors());
  }
}
