package dev.tallyman.build;

import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.remote.Condition;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.build.remote.SourceAnswer;
import dev.tallyman.build.remote.Spool;
import dev.tallyman.identity.Caller;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The last copy of each file that a team's builds fetched, with what its server calls that state of it. The server is asked each time, and says whether
 * it is still the same; what the copy is, its own digest says. Who asks with other credentials has another copy. Nothing of it outlives this server.
 */
@Singleton
class RemoteCopies {
  /** What df and prune call them. */
  static final String TYPE = "source.http";

  private static final int ID_BYTES = 13;
  private static final int SHOWN_CHARACTERS = 25;

  private final Spool spool;
  private final FetchedLimits limits;
  private final SecureRandom random = new SecureRandom();
  /** The longest unused first. */
  private final LinkedHashMap<Place, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** @param authorization digest of the credentials, empty for none */
  private record Place(long team, URI address, String authorization) {
    static Place of(long team, RemoteUrl url) {
      String given = url.authorization();
      String sum = given == null ? "" : HexFormat.of().formatHex(Context.sha256().digest(given.getBytes(StandardCharsets.UTF_8)));
      return new Place(team, url.address(), sum);
    }
  }

  /** @param name of the file */
  private record Kept(String id, String name, Context context, long bytes, Condition condition, Instant createdAt, Instant usedAt, int uses) {
    Kept used() {
      return new Kept(id, name, context, bytes, condition, createdAt, Instant.now(), uses + 1);
    }
  }

  /** What is kept of a file, for one build. @param context the caller closes it */
  record Copy(String name, Context context, Condition condition) {}

  @Inject
  RemoteCopies(@ConfigProperty(name = "tallyman.state", defaultValue = "/var/lib/tallyman") Path state, FetchedLimits limits) {
    this.spool = new Spool(state);
    this.limits = limits;
  }

  synchronized @Nullable Copy find(long team, RemoteUrl url) {
    Place place = Place.of(team, url);
    Kept found = kept.get(place);
    Context context = found == null ? null : found.context().again();
    if (found == null || context == null) {
      remove((each, is) -> each.equals(place));
      return null;
    }
    kept.put(place, found.used());
    return new Copy(found.name(), context, found.condition());
  }

  /** @param context as it came with the answer; it stays the caller's */
  void keep(long team, RemoteUrl url, SourceAnswer answer, String name, Context context, long bytes) {
    Condition condition = Condition.of(answer, Instant.now());
    if (condition.isNone() || bytes > Math.min(limits.keptTeamMax().asLongValue(), limits.keptMax().asLongValue())) {
      remove((each, is) -> each.equals(Place.of(team, url)));
      return;
    }
    put(Place.of(team, url), name, context, bytes, condition);
  }

  private synchronized void put(Place place, String name, Context context, long bytes, Condition condition) {
    remove((each, is) -> each.equals(place));
    Context own = context.again();
    if (own != null) {
      kept.put(place, new Kept(newId(), name, own, bytes, condition, Instant.now(), Instant.now(), 1));
      makeRoom(place.team());
    }
  }

  private synchronized void makeRoom(long team) {
    while (bytes(place -> place.team() == team) > limits.keptTeamMax().asLongValue()) {
      removeOldest(place -> place.team() == team);
    }
    long free = spool.freeBytes();
    while (kept.size() > limits.keptCountMax() || bytes(place -> true) > Math.min(limits.keptMax().asLongValue(), free)) {
      removeOldest(place -> true);
    }
  }

  private synchronized long bytes(Predicate<Place> which) {
    return kept.entrySet().stream().filter(each -> which.test(each.getKey())).mapToLong(each -> each.getValue().bytes()).sum();
  }

  private synchronized void removeOldest(Predicate<Place> which) {
    kept.keySet().stream().filter(which).findFirst().ifPresent(oldest -> remove((each, is) -> each.equals(oldest)));
  }

  private synchronized void remove(BiPredicate<Place, Kept> which) {
    List<Kept> gone = new ArrayList<>();
    kept.entrySet().removeIf(each -> which.test(each.getKey(), each.getValue()) && gone.add(each.getValue()));
    gone.forEach(each -> each.context().close());
  }

  @Scheduled(every = "1h", delayed = "1h")
  void forgetUnused() {
    Instant last = Instant.now().minus(limits.keptAge());
    remove((place, is) -> is.usedAt().isBefore(last));
  }

  private String newId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes).substring(0, SHOWN_CHARACTERS);
  }

  /** Of the caller's team, the longest unused first. */
  synchronized List<CachedStep> list(Caller caller) {
    List<CachedStep> shown = new ArrayList<>();
    for (Map.Entry<Place, Kept> each : kept.entrySet()) {
      Kept is = each.getValue();
      if (each.getKey().team() == caller.team()) {
        shown.add(new CachedStep(is.id(), "", "http source for " + each.getKey().address(), is.bytes(), is.createdAt(), is.usedAt(), is.uses(), is.context().isShared(), TYPE));
      }
    }
    return shown;
  }

  /** Forgets those of the team that no build uses now, the longest unused first. @param keepBytes of them to keep; 0 = none */
  synchronized Builds.Pruned prune(Caller caller, Instant usedBefore, long keepBytes, Predicate<String> meant) {
    List<String> ids = new ArrayList<>();
    long left = bytes(place -> place.team() == caller.team());
    long reclaimed = 0;
    for (CachedStep each : list(caller)) {
      boolean isKept = !meant.test(each.id()) || each.isInUse() || each.lastUsedAt().isAfter(usedBefore) || (keepBytes > 0 && left <= keepBytes);
      if (!isKept) {
        ids.add(each.id());
        left -= each.bytes();
        reclaimed += each.bytes();
      }
    }
    remove((place, is) -> ids.contains(is.id()));
    return new Builds.Pruned(ids, reclaimed);
  }
}
