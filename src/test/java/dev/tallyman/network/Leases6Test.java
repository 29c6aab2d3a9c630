package dev.tallyman.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Inet6;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Addresses of IPv6: spelling, subnets, who has which. */
class Leases6Test {
  private final Leases6 leases = new Leases6("net", Addressing6.of("fd00:1::/64", "", "", Map.of()));

  private static ErrorKind kindOf(Runnable work) {
    return assertThrows(TallymanException.class, work::run).kind();
  }

  @Test
  void spellsAddressesAsEverybodyDoes() {
    for (String[] each :
        List.of(
            new String[] {"FD00:0:0:1:0:0:0:1", "fd00:0:0:1::1"}, new String[] {"::", "::"}, new String[] {"0:0:0:0:0:0:0:1", "::1"}, new String[] {"fd00:0::", "fd00::"},
            new String[] {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"}, new String[] {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"})) {
      assertEquals(each[1], Inet6.canonical(each[0]));
    }
    for (String wrong : List.of("", ":", "1", "10.0.0.1", "::ffff:10.0.0.1", "fd00::1%eth0", "fd00:::1", "g::1", "1:2:3:4:5:6:7:8:9", "localhost", "fd00::1/64", "[fd00::1]")) {
      assertFalse(Inet6.isAddress(wrong), wrong);
      assertEquals(ErrorKind.INVALID, kindOf(() -> Inet6.parse(wrong)));
    }
  }

  @Test
  void knowsWhatASubnetHolds() {
    Subnet6 subnet = Subnet6.parse("fd00:1:0::/64");

    assertEquals("fd00:1::/64", subnet.toString());
    assertTrue(subnet.hasHost("fd00:1::ffff:0:0:1") && !subnet.hasHost("fd00:1::") && !subnet.hasHost("fd00:1:0:1::1"));
    assertTrue(subnet.overlaps(Subnet6.parse("fd00::/16")) && Subnet6.parse("fd00::/16").overlaps(subnet) && !subnet.overlaps(Subnet6.parse("fd00:1:0:1::/64")));
    assertEquals("ff00:0:0:2::/64", Subnet6.parse("ff00::/56").part(2, 64).toString());
    for (String wrong : List.of("", "fd00::", "/64", "fd00::/", "fd00::/7", "fd00::/127", "fd00:1::5/64", "fd00::/x", "10.0.0.0/24", "fd00::/9999")) {
      assertEquals(ErrorKind.INVALID, kindOf(() -> Subnet6.parse(wrong)), wrong);
    }
  }

  /** As moby's TestIPRangeAt64BitLimit wants it. */
  @Test
  void aRangeMayBeTwoAddressesOrOne() {
    for (String[] each :
        new String[][] {
          {"fda9:8d04:86e::/64", "fda9:8d04:86e::ffff:ffff:ffff:fffe/127", "fda9:8d04:86e:0:ffff:ffff:ffff:fffe", "fda9:8d04:86e:0:ffff:ffff:ffff:ffff"},
          {"fda9:8d04:86e::/56", "fda9:8d04:86e:aa:ffff:ffff:ffff:fffe/127", "fda9:8d04:86e:aa:ffff:ffff:ffff:fffe", "fda9:8d04:86e:aa:ffff:ffff:ffff:ffff"},
          {"fda9:8d04:86e::/64", "fda9:8d04:86e::9/128", "fda9:8d04:86e::9"}
        }) {
      Leases6 small = new Leases6("net", Addressing6.of(each[0], "", each[1], Map.of()));
      for (int i = 2; i < each.length; i++) {
        assertEquals(each[i], small.reserve("c" + i, null));
      }
      assertEquals(ErrorKind.EXHAUSTED, kindOf(() -> small.reserve("more", null)));
    }
    assertEquals(ErrorKind.INVALID, kindOf(() -> Subnet6.range("fd00::/129")));
  }

  @Test
  void givesAddressesAwayOneAfterTheOther() {
    assertEquals("fd00:1::2", leases.reserve("a", null));
    assertEquals("fd00:1::2", leases.reserve("a", "fd00:1::9"));
    assertEquals("fd00:1::3", leases.reserve("b", null));
    assertEquals("fd00:1::9", leases.reserve("c", "FD00:1:0::9"));
    assertNotEquals("fd00:1::9", leases.reserve("d", "fd00:1::9"));
    leases.forget("a");
    assertNotEquals("fd00:1::2", leases.reserve("e", null));
    assertEquals("c", leases.holder("fd00:1::9"));
    assertNull(leases.holder("fd00:1::2"));
  }

  @Test
  void givesAFixedAddressToOneOnly() {
    leases.fix("a", "fd00:1::7", any -> false);
    leases.fix("a", "fd00:1::7", any -> true);

    assertEquals("fd00:1::7", leases.address("a"));
    assertEquals(ErrorKind.DENIED, kindOf(() -> leases.fix("b", "fd00:1::7", any -> false)));
    assertEquals(ErrorKind.DENIED, kindOf(() -> leases.fix("b", "fd00:1::1", any -> false)));
    assertEquals(ErrorKind.INVALID, kindOf(() -> leases.fix("b", "fd00:2::7", any -> false)));
    assertEquals(ErrorKind.INVALID, kindOf(() -> leases.fix("b", "fd00:1::", any -> false)));
    String chosen = leases.reserve("c", null);
    assertEquals(ErrorKind.DENIED, kindOf(() -> leases.fix("b", chosen, "c"::equals)));
    leases.fix("b", chosen, any -> false);
    assertEquals("", leases.address("c"));
  }

  @Test
  void saysWhenAllAreGone() {
    Leases6 few = new Leases6("few", Addressing6.of("fd00:1::/126", "", "", Map.of()));
    few.reserve("a", null);
    few.reserve("b", null);

    assertEquals(ErrorKind.EXHAUSTED, kindOf(() -> few.reserve("c", null)));
    few.forget("a");
    assertEquals("fd00:1::2", few.reserve("c", null));
  }

  @Test
  void takesFromTheRangeAndLeavesWhatOthersHave() {
    Leases6 part = new Leases6("part", Addressing6.of("fd00:1::/64", "fd00:1::4", "fd00:1::4/126", Map.of("printer", "FD00:1:0::5", "router", "fd00:1::ff")));

    assertEquals("fd00:1::6", part.reserve("a", null));
    assertEquals("fd00:1::7", part.reserve("b", null));
    assertEquals(ErrorKind.EXHAUSTED, kindOf(() -> part.reserve("c", null)));
    assertEquals(ErrorKind.DENIED, kindOf(() -> part.fix("c", "fd00:1::ff", any -> false)));
    part.fix("c", "fd00:1::99", any -> false);
    assertEquals("fd00:1::99", part.address("c"));
    part.forget("a");
    assertEquals("fd00:1::6", part.reserve("d", "fd00:1::5"));
  }

  @Test
  void refusesWhatDoesNotLieInTheSubnet() {
    assertEquals(ErrorKind.INVALID, kindOf(() -> Addressing6.of("fd00:1::/64", "", "fd00:2::/80", Map.of())));
    assertEquals(ErrorKind.INVALID, kindOf(() -> Addressing6.of("fd00:1::/64", "", "fd00:1::/48", Map.of())));
    assertEquals(ErrorKind.INVALID, kindOf(() -> Addressing6.of("fd00:1::/64", "fd00:1::", "", Map.of())));
    assertEquals(ErrorKind.INVALID, kindOf(() -> Addressing6.of("fd00:1::/64", "", "", Map.of("x", "fd00:2::5"))));
    assertEquals(ErrorKind.INVALID, kindOf(() -> Addressing6.of("fd00:1::/64", "", "", Map.of("x", "10.0.0.1"))));
  }
}
