package dev.tallyman.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  @Test
  void keepsNamesWhereThereIsNoIpv4() {
    Leases none = new Leases("six", null);

    assertEquals("", none.reserve("a", "10.0.0.1"));
    assertEquals("", none.reserve("b", null));
    none.up(new Member("a", "web", 1, List.of("web"), Map.of()));
    none.up(new Member("b", "other", 1, List.of("other"), Map.of()));

    assertEquals(List.of("a"), none.containers("b", "web"));
    assertEquals(List.of(), none.addresses("b", "web"));
    assertEquals(java.util.Optional.empty(), none.name(1));
    assertEquals(List.of(""), none.up().stream().map(Leases.Held::address).distinct().toList());
    none.forget("a");
    assertEquals(List.of(), none.containers("b", "web"));
  }

  private final Leases leases = new Leases("bridge", Addressing.of(Subnet.parse("10.88.0.0/29")));

  @Test
  void givesAddressesAfterTheGateway() {
    assertEquals("10.88.0.2", leases.reserve("a", null));
    assertEquals("10.88.0.3", leases.reserve("b", null));
    assertEquals("10.88.0.1", leases.addressing().gateway());
  }

  @Test
  void keepsTheAddressOfAContainer() {
    String first = leases.reserve("a", null);

    assertEquals(first, leases.reserve("a", "10.88.0.5"));
  }

  @Test
  void givesTheWantedAddressIfItIsFree() {
    assertEquals("10.88.0.5", leases.reserve("a", "10.88.0.5"));
    assertNotEquals("10.88.0.5", leases.reserve("b", "10.88.0.5"));
    assertEquals("10.88.0.2", new Leases("n", Addressing.of(Subnet.parse("10.88.0.0/29"))).reserve("a", "10.99.0.5"));
  }

  @Test
  void usesFreedAddressesAsLateAsPossible() {
    leases.reserve("a", null);
    leases.forget("a");

    assertEquals("10.88.0.3", leases.reserve("b", null));
  }

  @Test
  void refusesWhenAllAddressesAreTaken() {
    IntStream.range(0, 5).forEach(i -> leases.reserve("c" + i, null));

    TallymanException e = assertThrows(TallymanException.class, () -> leases.reserve("more", null));

    assertEquals(ErrorKind.EXHAUSTED, e.kind());
    leases.forget("c2");
    assertEquals("10.88.0.4", leases.reserve("more", null));
  }

  @Test
  void aRangeMayBeTwoAddressesOrOne() {
    Leases two = new Leases("n", Addressing.of("10.88.0.0/24", "", "10.88.0.254/31", Map.of())); // the last is the broadcast address
    Leases one = new Leases("n", Addressing.of("10.88.0.0/24", "", "10.88.0.9/32", Map.of()));

    assertEquals("10.88.0.254", two.reserve("a", null));
    assertEquals("10.88.0.9", one.reserve("a", null));
    for (Leases each : List.of(two, one)) {
      assertEquals(ErrorKind.EXHAUSTED, assertThrows(TallymanException.class, () -> each.reserve("b", null)).kind());
    }
    for (String wrong : List.of("10.88.0.0/31", "10.88.0.0/32")) {
      assertThrows(TallymanException.class, () -> Subnet.parse(wrong), wrong);
      assertThrows(TallymanException.class, () -> Subnet.network(wrong), wrong);
    }
    assertThrows(TallymanException.class, () -> Subnet.range("10.88.0.0/33"));
  }

  @Test
  void showsOnlyThoseThatAreUp() {
    leases.reserve("a", null);
    leases.reserve("b", null);

    Member member = Member.nameless("a", "web", 7);
    leases.up(member);

    assertEquals(List.of(new Leases.Held(member, "10.88.0.2")), leases.up());
    leases.down("a");
    assertTrue(leases.up().isEmpty());
  }

  @Test
  void tellsNamesToNeighboursThatAreUp() {
    leases.reserve("a", null);
    leases.reserve("b", null);
    leases.up(new Member("a", "web", 1, List.of("web", "www"), Map.of()));
    assertEquals(List.of(), leases.addresses("b", "web"));

    leases.up(new Member("b", "db", 1, List.of("db"), Map.of("front", "web")));

    assertEquals(List.of(Subnet.number("10.88.0.2")), leases.addresses("b", "www"));
    assertEquals(List.of(Subnet.number("10.88.0.2")), leases.addresses("b", "front"));
    assertEquals(List.of(), leases.addresses("a", "front"));
    assertEquals(Optional.of("db"), leases.name(Subnet.number("10.88.0.3")));
    leases.up(new Member("a", "other", 1, List.of("other"), Map.of()));
    assertEquals(List.of(), leases.addresses("b", "web"));
    assertEquals(1, leases.addresses("b", "other").size());
    leases.forget("a");
    assertEquals(List.of(), leases.addresses("b", "other"));
    assertEquals(Optional.empty(), leases.name(Subnet.number("10.88.0.2")));
    assertEquals(Optional.empty(), leases.name(Subnet.number("10.99.0.2")));
  }

  @Test
  void severalMayHaveOneName() {
    for (String each : List.of("a", "b", "c")) {
      leases.reserve(each, null);
      leases.up(new Member(each, each, 1, List.of(each, "service"), Map.of()));
    }
    leases.down("b");

    assertEquals(Set.of(Subnet.number("10.88.0.2"), Subnet.number("10.88.0.4")), Set.copyOf(leases.addresses("a", "service")));
  }

  @Test
  void givesWhoAsksForAnAddressJustThat() {
    leases.reserve("a", null);
    leases.fix("b", "10.88.0.2");
    assertEquals("10.88.0.2", leases.reserve("b", null));
    assertEquals("10.88.0.3", leases.reserve("a", "10.88.0.2"));

    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> leases.fix("c", "10.88.0.2")).kind());
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> leases.fix("c", "10.88.0.1")).kind());
    assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> leases.fix("c", "10.88.0.7")).kind());
    assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> leases.fix("c", "10.89.0.2")).kind());
    leases.up(Member.nameless("a", "a", 1));
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> leases.fix("c", "10.88.0.3")).kind());
    leases.fix("b", "10.88.0.2");
  }

  @Test
  void givesAddressesOfTheRangeOnly() {
    Leases ranged = new Leases("n", Addressing.of("10.1.0.0/16", "10.1.255.254", "10.1.7.0/30", Map.of("printer", "10.1.7.1")));

    assertEquals("10.1.7.0", ranged.reserve("a", null));
    assertEquals("10.1.7.2", ranged.reserve("b", null));
    assertEquals("10.1.7.3", ranged.reserve("c", null));
    assertThrows(TallymanException.class, () -> ranged.reserve("d", null));
    ranged.fix("d", "10.1.9.9");
    assertEquals("10.1.9.9", ranged.reserve("d", null));
    assertThrows(TallymanException.class, () -> ranged.fix("e", "10.1.7.1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.0.0/16 10.2.0.1 - -", "10.1.0.0/16 10.1.0.0 - -", "10.1.0.0/16 10.1.255.255 - -", "10.1.0.0/16 - 10.0.0.0/8 -", "10.1.0.0/16 - 10.2.0.0/24 -", "10.1.0.0/16 - - 10.2.0.1"})
  void refusesWhatLiesOutsideTheSubnet(String text) {
    String[] words = text.replace("-", "").split(" ", -1);

    assertThrows(TallymanException.class, () -> Addressing.of(words[0], words[1], words[2], words[3].isEmpty() ? Map.of() : Map.of("x", words[3])));
  }

  @Test
  void overlappingRangesAreSeen() {
    assertTrue(Subnet.parse("10.1.0.0/16").overlaps(Subnet.parse("10.1.7.0/24")));
    assertTrue(Subnet.parse("10.1.7.0/24").overlaps(Subnet.parse("10.1.0.0/16")));
    assertFalse(Subnet.parse("10.1.7.0/24").overlaps(Subnet.parse("10.1.8.0/24")));
    assertEquals("10.96.16.0/20", Subnet.parse("10.96.0.0/13").part(1, 20).toString());
    assertEquals("10.1.2.0/24", Subnet.network("10.1.2.0/24").toString());
    assertEquals(
        "invalid network config:\ninvalid ip-range 10.1.2.3/24: it should be 10.1.2.0/24",
        assertThrows(TallymanException.class, () -> Subnet.range("10.1.2.3/24")).getMessage());
  }

  @Test
  void neverGivesAnAddressTwice() throws Exception {
    Leases large = new Leases("bridge", Addressing.of(Subnet.parse("10.88.0.0/16")));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<String>> calls = IntStream.range(0, 2000).<Callable<String>>mapToObj(i -> () -> large.reserve("c" + i, null)).toList();

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
