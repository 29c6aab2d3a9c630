package dev.tallyman.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeasesTest {
  private final Leases leases = new Leases("bridge", Subnet.parse("10.88.0.0/29"));

  @Test
  void givesAddressesAfterTheGateway() {
    assertEquals("10.88.0.2", leases.reserve("a", 1, null));
    assertEquals("10.88.0.3", leases.reserve("b", 1, null));
    assertEquals("10.88.0.1", leases.subnet().gateway());
  }

  @Test
  void keepsTheAddressOfAContainer() {
    String first = leases.reserve("a", 1, null);

    assertEquals(first, leases.reserve("a", 1, "10.88.0.5"));
  }

  @Test
  void givesTheWantedAddressIfItIsFree() {
    assertEquals("10.88.0.5", leases.reserve("a", 1, "10.88.0.5"));
    assertNotEquals("10.88.0.5", leases.reserve("b", 1, "10.88.0.5"));
    assertEquals("10.88.0.2", new Leases("n", Subnet.parse("10.88.0.0/29")).reserve("a", 1, "10.99.0.5"));
  }

  @Test
  void usesFreedAddressesAsLateAsPossible() {
    leases.reserve("a", 1, null);
    leases.forget("a");

    assertEquals("10.88.0.3", leases.reserve("b", 1, null));
  }

  @Test
  void refusesWhenAllAddressesAreTaken() {
    IntStream.range(0, 5).forEach(i -> leases.reserve("c" + i, 1, null));

    TallymanException e = assertThrows(TallymanException.class, () -> leases.reserve("more", 1, null));

    assertEquals(ErrorKind.EXHAUSTED, e.kind());
    leases.forget("c2");
    assertEquals("10.88.0.4", leases.reserve("more", 1, null));
  }

  @Test
  void showsOnlyThoseThatAreUp() {
    leases.reserve("a", 7, null);
    leases.reserve("b", 1, null);

    leases.setUp("a", true);

    assertEquals(List.of(new Leases.Held("a", "10.88.0.2", 7)), leases.up());
    leases.setUp("a", false);
    assertTrue(leases.up().isEmpty());
  }

  @Test
  void neverGivesAnAddressTwice() throws Exception {
    Leases large = new Leases("bridge", Subnet.parse("10.88.0.0/16"));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<String>> calls = IntStream.range(0, 2000).<Callable<String>>mapToObj(i -> () -> large.reserve("c" + i, 1, null)).toList();

    Set<String> given = new HashSet<>();
    for (Future<String> each : threads.invokeAll(calls)) {
      given.add(each.get());
    }

    assertEquals(2000, given.size());
    threads.shutdown();
  }

  @Test
  void derivesTheMacFromTheAddress() {
    assertEquals("02:42:0a:58:00:ff", Subnet.mac("10.88.0.255"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.88.0.1/16", "10.88.0.0", "10.88.0.0/31", "10.0.0.0/7", "256.1.1.0/24", "10.88.0/16", "", "10.88.0.0/16x"})
  void refusesWhatIsNoSubnet(String text) {
    assertThrows(TallymanException.class, () -> Subnet.parse(text));
  }
}
