package dev.tallyman.dashboard.event;

import dev.tallyman.dashboard.FilterValues;
import dev.tallyman.event.EventQuery;
import java.time.Instant;
import java.util.List;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Filters of the page of events as they stand in its address. */
public class EventForm {
  static final int PAGE_ROWS = 50;

  @RestQuery @Nullable String type;
  @RestQuery @Nullable String action;
  @RestQuery @Nullable String object;
  @RestQuery @Nullable String account;
  @RestQuery @Nullable String from;
  @RestQuery @Nullable String to;
  @RestQuery @Nullable String before;

  EventQuery query() {
    Instant end = FilterValues.end(to);
    return new EventQuery(
        FilterValues.orNull(type), FilterValues.orNull(action), FilterValues.orNull(object), FilterValues.orNull(account), FilterValues.begin(from),
        end == null ? null : end.minusNanos(1));
  }

  /** Only events before this one of the history. */
  long below() {
    Long number = FilterValues.number(before);
    return number == null ? Long.MAX_VALUE : number;
  }

  /** @param older place to go on from; null on the last page */
  Shown show(@Nullable Long older) {
    FilterValues values = new FilterValues().with("type", type).with("action", action).with("object", object).with("account", account).with("from", from).with("to", to);
    return new Shown(values, older, below() != Long.MAX_VALUE);
  }

  /** What the template needs. */
  record Shown(FilterValues values, @Nullable Long older, boolean isLaterPage) {
    public String value(String field) {
      return values.get(field);
    }

    public boolean isFiltered() {
      return !values.isEmpty();
    }

    public List<String> types() {
      return List.of("container", "image", "volume", "network", "secret");
    }

    public String newestLink() {
      return values.link("/ui/events", null);
    }

    public String olderLink() {
      return values.link("/ui/events", older);
    }
  }
}
