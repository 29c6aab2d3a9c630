package dev.tallyman.kernel.proc;

import dev.tallyman.kernel.ResourceUse.Traffic;

/** Sum over the links of a network namespace, the loopback link left out. */
record LinkCounters(Traffic received, Traffic sent) {
  private static final int FIELDS = 16;

  /** @param text content of /proc/PID/net/dev: two title lines, then {@code name: 8 received numbers, 8 sent numbers} */
  static LinkCounters parse(String text) {
    long[] sums = new long[FIELDS];
    for (String line : text.lines().skip(2).toList()) {
      int colon = line.indexOf(':');
      if (colon < 0 || line.substring(0, colon).strip().equals("lo")) {
        continue;
      }
      String[] numbers = line.substring(colon + 1).strip().split("\\s+");
      for (int i = 0; i < Math.min(FIELDS, numbers.length); i++) {
        sums[i] += SmallFile.number(numbers[i]);
      }
    }
    return new LinkCounters(new Traffic(sums[0], sums[1], sums[2], sums[3]), new Traffic(sums[8], sums[9], sums[10], sums[11]));
  }
}
