package dev.tallyman.dashboard.audit;

import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.dashboard.FilterValues;
import dev.tallyman.identity.Way;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Filters of the audit page as they stand in its address. */
public class AuditForm {
  static final int PAGE_ROWS = 50;

  @RestQuery @Nullable String account;
  @RestQuery @Nullable String action;
  @RestQuery @Nullable String object;
  @RestQuery @Nullable String way;
  @RestQuery @Nullable String outcome;
  @RestQuery @Nullable String from;
  @RestQuery @Nullable String to;
  @RestQuery @Nullable String before;

  AuditFilter filter(int limit) {
    return new AuditFilter(
        FilterValues.orNull(account), FilterValues.orNull(action), FilterValues.orNull(object), FilterValues.orNull(way), FilterValues.orNull(outcome), FilterValues.begin(from),
        FilterValues.end(to), FilterValues.number(before), limit);
  }

  /** @param older id to go on from; null on the last page */
  Shown show(@Nullable Long older) {
    FilterValues values =
        new FilterValues().with("account", account).with("action", action).with("object", object).with("way", way).with("outcome", outcome).with("from", from).with("to", to);
    return new Shown(values, older, FilterValues.number(before) != null);
  }

  /** What the template needs. */
  record Shown(FilterValues values, @Nullable Long older, boolean isLaterPage) {
    public String value(String field) {
      return values.get(field);
    }

    public boolean isFiltered() {
      return !values.isEmpty();
    }

    public List<String> ways() {
      return Arrays.stream(Way.values()).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
    }

    public List<String> outcomes() {
      return List.of("done", "refused", "failed");
    }

    public String newestLink() {
      return values.link("/ui/audit", null);
    }

    public String olderLink() {
      return values.link("/ui/audit", older);
    }
  }
}
