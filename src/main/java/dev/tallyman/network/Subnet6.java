package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Inet6;
import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * A range of IPv6 addresses.
 *
 * @param base its first address; all bits below the prefix are zero
 * @param prefix length of the common part: 8 to 126 of a network, to 128 of a range in one
 */
record Subnet6(BigInteger base, int prefix) {
  private static final int BITS = 128;
  private static final int NETWORK_MAX = 126;
  private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

  /** @throws TallymanException INVALID */
  static Subnet6 parse(String cidr) {
    return given("subnet", cidr, NETWORK_MAX);
  }

  /** A part of a network, which may be a single address. */
  static Subnet6 range(String cidr) {
    return given("ip-range", cidr, BITS);
  }

  private static Subnet6 given(String what, String cidr, int longest) {
    int slash = cidr.indexOf('/');
    String length = cidr.substring(slash + 1);
    int prefix = slash > 0 && PREFIX.matcher(length).matches() ? Integer.parseInt(length) : 0;
    if (prefix < 8 || prefix > longest || !Inet6.isAddress(cidr.substring(0, slash))) {
      throw new TallymanException(ErrorKind.INVALID, "invalid " + what + " " + cidr + ": write an IPv6 address and a prefix of 8 to " + longest + ", e.g. fd00:7461:6c6c:1::/64");
    }
    BigInteger given = number(cidr.substring(0, slash));
    Subnet6 subnet = new Subnet6(given.shiftRight(BITS - prefix).shiftLeft(BITS - prefix), prefix);
    if (!subnet.base.equals(given)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid network config:\ninvalid " + what + " " + cidr + ": it should be " + subnet);
    }
    return subnet;
  }

  /** {@code 02:42:} and the sum that the helper makes of an address (FNV-1a). */
  static String mac(String address) {
    int sum = 0x811c9dc5;
    for (byte each : Inet6.parse(address)) {
      sum = (sum ^ (each & 255)) * 0x01000193;
    }
    return Subnet.mac(Subnet.text(sum));
  }

  static BigInteger number(String address) {
    return new BigInteger(1, Inet6.parse(address));
  }

  static String text(BigInteger address) {
    byte[] bytes = address.toByteArray();
    byte[] whole = new byte[Inet6.BYTES];
    int length = Math.min(bytes.length, Inet6.BYTES); // one more where the first bit is set
    System.arraycopy(bytes, bytes.length - length, whole, Inet6.BYTES - length, length);
    return Inet6.text(whole);
  }

  /** @param index 0 is the network's own address */
  String address(long index) {
    return text(base.add(BigInteger.valueOf(index)));
  }

  boolean holds(String address) {
    return isSame(number(address), prefix);
  }

  /** True for an address that a host may have. */
  boolean hasHost(String address) {
    return holds(address) && !number(address).equals(base);
  }

  boolean overlaps(Subnet6 other) {
    return isSame(other.base, Math.min(prefix, other.prefix));
  }

  private boolean isSame(BigInteger address, int length) {
    return address.shiftRight(BITS - length).equals(base.shiftRight(BITS - length));
  }

  /** The part of that number of a longer prefix. */
  Subnet6 part(long index, int length) {
    return new Subnet6(base.add(BigInteger.valueOf(index).shiftLeft(BITS - length)), length);
  }

  @Override
  public String toString() {
    return text(base) + "/" + prefix;
  }
}
