package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses.
 *
 * @param base its first address in host order; all bits below the prefix are zero
 * @param prefix length of the common part: 8 to 30 of a network, to 32 of a range in one
 */
record Subnet(int base, int prefix) {
  private static final int NETWORK_MAX = 30;
  private static final int RANGE_MAX = 32;
  private static final Pattern CIDR = Pattern.compile("([0-9.]{7,15})/(\\d{1,2})");
  private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

  Subnet {
    if (prefix < 8 || prefix > RANGE_MAX || (base & ~mask(prefix)) != 0) {
      throw new TallymanException(ErrorKind.INVALID, "invalid subnet: " + text(base) + "/" + prefix + "; write the first address and a prefix of 8 to 30, e.g. 10.88.0.0/16");
    }
  }

  /** @throws TallymanException INVALID */
  static Subnet parse(String cidr) {
    Matcher matcher = CIDR.matcher(cidr);
    if (!matcher.matches()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid subnet: " + cidr + "; write it like 10.88.0.0/16");
    }
    int prefix = Integer.parseInt(matcher.group(2));
    if (prefix > NETWORK_MAX) {
      throw new TallymanException(ErrorKind.INVALID, "invalid subnet: " + cidr + "; its prefix is longer than " + NETWORK_MAX);
    }
    return new Subnet(number(matcher.group(1)), prefix);
  }

  /** A network of a request, in Docker's words. */
  static Subnet network(String cidr) {
    return given("subnet", cidr, NETWORK_MAX);
  }

  /** A part of one, which may be a single address. */
  static Subnet range(String cidr) {
    return given("ip-range", cidr, RANGE_MAX);
  }

  private static Subnet given(String what, String cidr, int longest) {
    Matcher matcher = CIDR.matcher(cidr);
    int prefix = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
    if (prefix < 8 || prefix > longest) {
      throw new TallymanException(ErrorKind.INVALID, "invalid " + what + " " + cidr + ": write an IPv4 address and a prefix of 8 to " + longest + ", e.g. 10.88.0.0/16");
    }
    Subnet subnet = new Subnet(number(matcher.group(1)) & mask(prefix), prefix);
    if (subnet.base != number(matcher.group(1))) {
      throw new TallymanException(ErrorKind.INVALID, "invalid network config:\ninvalid " + what + " " + cidr + ": it should be " + subnet);
    }
    return subnet;
  }

  private static int mask(int prefix) {
    return -1 << (32 - prefix);
  }

  /** How many addresses there are, the network's own and the broadcast address included. */
  int size() {
    return 1 << (32 - prefix);
  }

  /** @param index 0 is the network's own address */
  String address(int index) {
    return text(base + index);
  }

  /** The first that a host can have: the gateway's unless another is named. */
  String first() {
    return address(1);
  }

  /** @return number of the address within the range; -1 if it lies outside or is the network's own or the broadcast address */
  int indexOf(String address) {
    int index = number(address) - base;
    return !holds(address) || index == 0 || index == size() - 1 ? -1 : index;
  }

  boolean holds(String address) {
    return (number(address) & mask(prefix)) == base;
  }

  /** True if the other range lies within this one. */
  boolean holds(Subnet other) {
    return other.prefix >= prefix && (other.base & mask(prefix)) == base;
  }

  boolean overlaps(Subnet other) {
    return holds(other) || other.holds(this);
  }

  /** The parts of a shorter prefix, in order. */
  int parts(int length) {
    return 1 << (length - prefix);
  }

  Subnet part(int index, int length) {
    return new Subnet(base + (index << (32 - length)), length);
  }

  /** @throws TallymanException INVALID for text that is no IPv4 address */
  static int number(String address) {
    Matcher matcher = ADDRESS.matcher(address);
    int number = 0;
    boolean isGood = matcher.matches();
    for (int i = 1; isGood && i <= 4; i++) {
      int part = Integer.parseInt(matcher.group(i));
      isGood = part <= 255;
      number = number << 8 | part;
    }
    if (!isGood) {
      throw new TallymanException(ErrorKind.INVALID, "invalid IPv4 address: " + address);
    }
    return number;
  }

  static String text(int number) {
    return (number >>> 24) + "." + (number >>> 16 & 255) + "." + (number >>> 8 & 255) + "." + (number & 255);
  }

  /** Address of the link layer that belongs to an IPv4 address, as the helper makes it: {@code 02:42:} and the four bytes. */
  static String mac(String address) {
    int number = number(address);
    return String.format(Locale.ROOT, "02:42:%02x:%02x:%02x:%02x", number >>> 24, number >>> 16 & 255, number >>> 8 & 255, number & 255);
  }

  @Override
  public String toString() {
    return text(base) + "/" + prefix;
  }
}
