package tally;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

final class Ledger {
  private final Map<String, BigDecimal> sums = new TreeMap<>();

  void add(Entry entry) {
    sums.merge(entry.account(), entry.amount(), BigDecimal::add);
  }

  Map<String, BigDecimal> sums() {
    return sums;
  }
}
