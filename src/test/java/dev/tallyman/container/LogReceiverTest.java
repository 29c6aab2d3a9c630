package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogReceiverTest {
  private static ContainerSpec spec(String driver, Map<String, String> options) {
    Specs specs = new Specs();
    specs.logDriver = driver;
    specs.logOptions = options;
    return specs.build();
  }

  private static LogReceiver read(String driver, String address) {
    return LogReceiver.of(spec(driver, Map.of(driver + "-address", address)));
  }

  @ParameterizedTest
  @CsvSource({
    "syslog, udp://Host.example:514, udp, host.example:514", "syslog, tcp://10.0.0.1, tcp, 10.0.0.1:514", "syslog, tcp+tls://log.example.org:6514, tls, log.example.org:6514",
    "syslog, udp://[::1]:99, udp, [::1]:99", "syslog, unix:///run/log.sock, unix, unix:///run/log.sock", "fluentd, collector:24225, tcp, collector:24225",
    "fluentd, tls://c.example, tls, c.example:24224", "gelf, udp://127.0.0.1:12201, udp, 127.0.0.1:12201", "gelf, tcp://127.0.0.1, tcp, 127.0.0.1:12201"
  })
  void readsAddressesAsDockerDoes(String driver, String address, String transport, String place) {
    LogReceiver receiver = read(driver, address);

    assertEquals(transport, receiver.transport());
    assertEquals(place, receiver.place());
  }

  @Test
  void fluentdHasADefaultAndLocalDriversHaveNone() {
    assertEquals("127.0.0.1:24224", LogReceiver.of(spec("fluentd", Map.of())).place());
    assertNull(LogReceiver.of(spec("json-file", Map.of())));
    assertNull(LogReceiver.of(spec("", Map.of())));
  }

  @Test
  void theJournalIsAtItsPlaceAndMustBeListed() {
    LogReceiver journal = LogReceiver.of(spec("journald", Map.of()));

    assertEquals("unix:///run/systemd/journal/socket", journal.place());
    assertDoesNotThrow(() -> new ForwardList(List.of("unix:///run/systemd/journal/socket")).require(journal));
    TallymanException refusal = assertThrows(TallymanException.class, () -> new ForwardList(List.of("127.0.0.1:*", "*.example.org:*")).require(journal));
    assertEquals(ErrorKind.DENIED, refusal.kind());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "syslog|", "syslog|host:514", "syslog|http://host:514", "syslog|udp://", "syslog|udp://host:0", "syslog|udp://host:70000", "syslog|udp://user@host:514", "syslog|tcp://host/path",
        "syslog|tcp://host?x=1", "syslog|unix://run/sock", "syslog|unix:run", "syslog|unix:///a/../docker.sock", "syslog|udp://a b", "syslog|unixgram:///dev/log", "gelf|", "gelf|unix:///x",
        "gelf|udp://ho\u0000st:1", "fluentd|udp://host:1", "fluentd|tcp://host:1:2", "fluentd|tcp://%68ost:1"
      })
  void refusesWhatIsNoReceiver(String driver, String address) {
    TallymanException refusal = assertThrows(TallymanException.class, () -> read(driver, address == null ? "" : address));

    if (!driver.equals("fluentd") || address != null) {
      assertTrue(refusal.kind() == ErrorKind.INVALID || refusal.kind() == ErrorKind.UNSUPPORTED, refusal.getMessage());
    }
  }

  @Test
  void onlyListedReceiversAreSpokenTo() {
    ForwardList list = new ForwardList(List.of("127.0.0.1:*", "*.example.org:514", " Log.Example.com:24224 ", "[::1]:9", "unix:///run/log.sock"));

    for (String good : List.of("udp://127.0.0.1:7", "tcp://a.example.org:514", "tcp://log.example.com:24224", "tcp://[::1]:9", "unix:///run/log.sock")) {
      assertDoesNotThrow(() -> list.require(read("syslog", good)), good);
    }
    for (String bad :
        List.of(
            "udp://127.0.0.2:7", "tcp://example.org:514", "tcp://evil-example.org:514", "tcp://a.example.org:515", "tcp://localhost:7", "tcp://[::ffff:127.0.0.1]:7", "tcp://2130706433:7",
            "tcp://log.example.com:24225", "unix:///run/docker.sock", "unix:///run/log.sock/x")) {
      TallymanException refusal = assertThrows(TallymanException.class, () -> list.require(read("syslog", bad)), bad);
      assertEquals(ErrorKind.DENIED, refusal.kind());
      assertTrue(refusal.getMessage().contains("tallyman.log.forward-to"), refusal.getMessage());
    }
  }

  @Test
  void anEmptyListForwardsNowhere() {
    assertTrue(
        assertThrows(TallymanException.class, () -> new ForwardList(List.of()).require(read("syslog", "udp://127.0.0.1"))).getMessage().contains("is empty"));
  }
}
