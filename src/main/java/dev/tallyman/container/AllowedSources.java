package dev.tallyman.container;

import dev.tallyman.kernel.Inet6;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may use the published ports of a container: ranges of addresses from its specification and from its label. */
final class AllowedSources {
  /** For clients that know only Docker's options; ranges with commas in between. */
  static final String LABEL = "tallyman.ports.allow";

  private static final int MAX = 64;
  private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
  private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

  private AllowedSources() {}

  /** @param bits of a whole address: 32 or 128 */
  private record Range(BigInteger address, int prefix, int bits) {
    static Range of(byte[] address, int prefix) {
      int bits = 8 * address.length;
      return new Range(new BigInteger(1, address).shiftRight(bits - prefix).shiftLeft(bits - prefix), prefix, bits);
    }

    boolean holds(Range other) {
      return bits == other.bits && prefix <= other.prefix && other.address.shiftRight(bits - prefix).equals(address.shiftRight(bits - prefix));
    }

    @Override
    public String toString() {
      byte[] bytes = new byte[bits / 8];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = address.shiftRight(bits - 8 * (i + 1)).byteValue();
      }
      return (bits == 32 ? (bytes[0] & 255) + "." + (bytes[1] & 255) + "." + (bytes[2] & 255) + "." + (bytes[3] & 255) : Inet6.text(bytes)) + "/" + prefix;
    }
  }

  /** @return none of them within another; empty = all may */
  static List<String> of(Facts facts) {
    return of(facts.spec(), facts.plan());
  }

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static List<String> of(ContainerSpec spec, Plan plan) {
    List<Range> ranges = new ArrayList<>();
    spec.networking().allowedSources().forEach(each -> add(ranges, parse(each)));
    String label = plan.labels().getOrDefault(LABEL, "");
    if (!label.isBlank()) {
      for (String each : label.split(",", -1)) {
        add(ranges, parse(each.strip()));
      }
    }
    if (ranges.size() > MAX) {
      throw Refusal.invalid("at most " + MAX + " ranges of sources may be allowed for published ports, not " + ranges.size());
    }
    return ranges.stream().map(Range::toString).toList();
  }

  private static void add(List<Range> ranges, Range range) {
    if (ranges.stream().noneMatch(each -> each.holds(range))) {
      ranges.removeIf(range::holds);
      ranges.add(range);
    }
  }

  private static Range parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    Matcher matcher = IPV4.matcher(address);
    byte[] bytes = Inet6.isAddress(address) ? Inet6.parse(address) : new byte[4];
    boolean isGood = bytes.length > 4 || matcher.matches();
    for (int i = 0; isGood && bytes.length == 4 && i < 4; i++) {
      int part = Integer.parseInt(matcher.group(i + 1));
      isGood = part <= 255;
      bytes[i] = (byte) part;
    }
    isGood = isGood && (slash < 0 || PREFIX.matcher(text.substring(slash + 1)).matches());
    int prefix = isGood && slash >= 0 ? Integer.parseInt(text.substring(slash + 1)) : 8 * bytes.length;
    if (!isGood || prefix > 8 * bytes.length) {
      throw Refusal.invalid("invalid range of allowed sources: " + Refusal.quoted(text) + "; write ranges like 10.0.0.0/8 or fd00::/8");
    }
    return Range.of(bytes, prefix);
  }
}
