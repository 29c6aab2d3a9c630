package dev.tallyman.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AddressPoolsTest {
  private record Settings(String pool, int poolPrefix, String pool6) implements NetworkConfig {
    @Override
    public String subnet() {
      return "10.88.0.0/16";
    }

    @Override
    public Duration resolverTimeout() {
      return Duration.ofSeconds(2);
    }
  }

  private static void refused(String text, String pool, int prefix, String pool6) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> AddressPools.of(new Settings(pool, prefix, pool6)));
    assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
  }

  @Test
  void takesPoolsThatNetworksFitInto() {
    AddressPools pools = AddressPools.of(new Settings("10.88.0.0/13", 20, "fd00:7461:6c6c::/56"));

    assertEquals("10.88.0.0/13 20 fd00:7461:6c6c::/56", pools.four() + " " + pools.prefix() + " " + pools.six());
    assertEquals(64, AddressPools.of(new Settings("10.88.0.0/20", 20, "fd00::/64")).six().prefix());
  }

  @Test
  void namesTheSettingThatIsWrong() {
    refused("tallyman.network.pool6: invalid subnet fd00::1/56: it should be fd00::/56", "10.88.0.0/13", 20, "fd00::1/56");
    refused("tallyman.network.pool6 is fd00::/80: a network gets a /64 of it", "10.88.0.0/13", 20, "fd00::/80");
    refused("tallyman.network.pool6: invalid subnet fd00", "10.88.0.0/13", 20, "fd00");
    refused("tallyman.network.pool: invalid subnet", "10.88.0.1/13", 20, "fd00::/56");
    refused("tallyman.network.pool-prefix is 12", "10.88.0.0/13", 12, "fd00::/56");
    refused("tallyman.network.pool-prefix is 31", "10.88.0.0/13", 31, "fd00::/56");
  }
}
