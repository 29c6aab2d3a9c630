package dev.tallyman.container;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may use the published ports of a container: ranges of addresses from its specification and from its label. */
final class AllowedSources {
  /** For clients that know only Docker's options; ranges with commas in between. */
  static final String LABEL = "tallyman.ports.allow";

  private static final int MAX = 64;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");

  private AllowedSources() {}

  private record Range(int address, int prefix) {
    boolean holds(Range other) {
      return prefix <= other.prefix && (other.address & mask(prefix)) == address;
    }

    @Override
    public String toString() {
      return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255) + "/" + prefix;
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

  private static int mask(int prefix) {
    return prefix == 0 ? 0 : -1 << (32 - prefix);
  }

  private static Range parse(String text) {
    Matcher matcher = RANGE.matcher(text);
    boolean isGood = matcher.matches();
    int address = 0;
    for (int i = 1; isGood && i <= 4; i++) {
      int part = Integer.parseInt(matcher.group(i));
      isGood = part <= 255;
      address = address << 8 | part;
    }
    int prefix = isGood && matcher.group(5) != null ? Integer.parseInt(matcher.group(5)) : 32;
    if (!isGood || prefix > 32) {
      throw Refusal.invalid("invalid range of allowed sources: " + Refusal.quoted(text) + "; write IPv4 ranges like 10.0.0.0/8");
    }
    return new Range(address & mask(prefix), prefix);
  }
}
