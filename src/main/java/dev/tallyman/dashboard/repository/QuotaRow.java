package dev.tallyman.dashboard.repository;

import dev.tallyman.index.TeamQuotas.Quota;

/** A team's storage as the page shows it. */
record QuotaRow(Quota quota) {
  private static final String UNITS = "kmgt";

  /** Of the limit, 0 to 100; 100 if nothing may be kept. */
  public long percent() {
    Long limit = quota.limitBytes();
    return limit == null ? 0 : limit == 0 ? 100 : Math.min(100, (long) (quota.usedBytes() * 100.0 / limit));
  }

  /** Nothing more fits, or too much is there since before the limit. */
  public boolean isFull() {
    Long limit = quota.limitBytes();
    return limit != null && quota.usedBytes() >= limit;
  }

  /** The limit in the largest unit that tells it exactly, as it can be typed; empty without one. */
  public String typed() {
    Long limit = quota.limitBytes();
    if (limit == null) {
      return "";
    }
    int power = limit == 0 ? 0 : Math.min(UNITS.length(), Long.numberOfTrailingZeros(limit) / 10);
    return power == 0 ? limit.toString() : (limit >> (10 * power)) + UNITS.substring(power - 1, power);
  }
}
