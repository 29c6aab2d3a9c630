package dev.tallyman.engine.network;

import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Times;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.network.Networks.Network;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Docker's filters of networks. */
final class NetworkFilter {
  private final Filters filters;
  private final @Nullable Boolean isDangling;
  private final @Nullable Instant until;

  private NetworkFilter(Filters filters, @Nullable Boolean isDangling, @Nullable Instant until) {
    this.filters = filters;
    this.isDangling = isDangling;
    this.until = until;
  }

  static NetworkFilter ofList(Filters filters) {
    for (String each : filters.all("type")) {
      if (!List.of("custom", "builtin").contains(each)) {
        throw new TallymanException(ErrorKind.INVALID, "invalid filter: 'type'='" + each + "'");
      }
    }
    return new NetworkFilter(filters, filters.flag("dangling"), null);
  }

  static NetworkFilter ofPrune(Filters filters) {
    if (filters.all("until").size() > 1) {
      throw new TallymanException(ErrorKind.INVALID, "more than one until filter specified");
    }
    String until = filters.first("until");
    return new NetworkFilter(filters, null, until == null ? null : Times.parse(until, "until"));
  }

  boolean matches(Network network) {
    boolean isUnused = !network.isBuiltIn() && network.endpoints().isEmpty();
    return isIn("name", each -> network.name().contains(each))
        && isIn("id", each -> network.id().startsWith(each))
        && isIn("driver", each -> each.equals(network.driver()))
        && isIn("scope", each -> each.equals("local"))
        && isIn("type", each -> each.equals(network.isBuiltIn() ? "builtin" : "custom"))
        && filters.all("label").stream().allMatch(each -> hasLabel(network, each))
        && filters.all("label!").stream().noneMatch(each -> hasLabel(network, each))
        && (isDangling == null || isDangling == isUnused)
        && (until == null || network.createdAt().isBefore(until));
  }

  private boolean isIn(String name, Predicate<String> test) {
    List<String> wanted = filters.all(name);
    return wanted.isEmpty() || wanted.stream().anyMatch(test);
  }

  private static boolean hasLabel(Network network, String wanted) {
    int equals = wanted.indexOf('=');
    return equals < 0 ? network.labels().containsKey(wanted) : wanted.substring(equals + 1).equals(network.labels().get(wanted.substring(0, equals)));
  }
}
