package dev.tallyman.kernel.proc;

import dev.tallyman.kernel.ResourceUse.Link;
import dev.tallyman.kernel.ResourceUse.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The links of a network namespace, the loopback link left out. */
record LinkCounters(List<Link> links) {
  private static final int FIELDS = 16;

  /** @param text content of /proc/PID/net/dev: two title lines, then {@code name: 8 received numbers, 8 sent numbers} */
  static LinkCounters parse(String text) {
    List<Link> links = new ArrayList<>();
    for (String line : text.lines().skip(2).toList()) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).strip();
      if (name.isEmpty() || name.equals("lo")) {
        continue;
      }
      String[] words = line.substring(colon + 1).strip().split("\\s+");
      long[] numbers = new long[FIELDS];
      for (int i = 0; i < Math.min(FIELDS, words.length); i++) {
        numbers[i] = SmallFile.number(words[i]);
      }
      links.add(new Link(name, new Traffic(numbers[0], numbers[1], numbers[2], numbers[3]), new Traffic(numbers[8], numbers[9], numbers[10], numbers[11])));
    }
    return new LinkCounters(links);
  }

  Traffic received() {
    return sum(Link::received);
  }

  Traffic sent() {
    return sum(Link::sent);
  }

  private Traffic sum(Function<Link, Traffic> way) {
    return links.stream()
        .map(way)
        .reduce(Traffic.none(), (a, b) -> new Traffic(a.bytes() + b.bytes(), a.packets() + b.packets(), a.errors() + b.errors(), a.dropped() + b.dropped()));
  }
}
