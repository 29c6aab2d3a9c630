package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.ContextStore.Place;
import dev.tallyman.identity.Asker;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.TarReader;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextStoreTest {
  private static final Place MINE = new Place(new Asker(1, null), 7, "key", "context");
  private static final Caller TEAM = Caller.system(7, "");

  @TempDir Path state;

  private record Kept(long max, long teamMax, int count, Duration age) implements ContextLimits {
    @Override
    public MemorySize keptMax() {
      return new MemorySize(BigInteger.valueOf(max));
    }

    @Override
    public MemorySize keptTeamMax() {
      return new MemorySize(BigInteger.valueOf(teamMax));
    }

    @Override
    public int keptCountMax() {
      return count;
    }

    @Override
    public Duration keptAge() {
      return age;
    }
  }

  private record Limits() implements BuildLimits {
    @Override
    public MemorySize contextMax() {
      return new MemorySize(BigInteger.valueOf(1L << 30));
    }

    @Override
    public int entriesMax() {
      return 1000;
    }

    @Override
    public int expansionMax() {
      return 200;
    }

    @Override
    public MemorySize freeExpansion() {
      return contextMax();
    }

    @Override
    public int stagesMax() {
      return 1;
    }

    @Override
    public int recordsMax() {
      return 1;
    }

    @Override
    public MemorySize outputMax() {
      return contextMax();
    }

    @Override
    public int buildsMax() {
      return 1;
    }
  }

  private ContextStore store(long max, long teamMax, int count) {
    return new ContextStore(state, new Kept(max, teamMax, count, Duration.ofDays(7)));
  }

  private ContextStore store() {
    return store(1 << 20, 1 << 20, 10);
  }

  /** A file that a client has. */
  private record Told(String path, String bytes, int mode, long nanos, long uid) {
    Told(String path, String bytes) {
      this(path, bytes, 0644, 1_000_000_001L, 0);
    }

    TarReader.Entry entry() {
      return new TarReader.Entry(path, TarReader.Kind.FILE, bytes.length(), "", false, mode, nanos / 1_000_000_000L, uid, 0);
    }
  }

  /** @param asked paths of the files that were sent; @param texts of all files, as the build sees them */
  private record Sent(List<String> asked, List<String> texts, String digest) {}

  private static Sent send(ContextStore store, Place place, Told... files) throws IOException {
    return send(store, place, List.of(), files);
  }

  /** @param named what the client was asked for; none = all */
  private static Sent send(ContextStore store, Place place, List<String> named, Told... files) throws IOException {
    List<String> asked = new ArrayList<>();
    try (ContextStore.Transfer transfer = store.begin(place)) {
      ContextReceiver receiver = new ContextReceiver(transfer, new Limits(), "the test");
      for (int i = 0; i < files.length; i++) {
        if (receiver.entry(i, files[i].entry(), files[i].nanos())) {
          asked.add(files[i].path());
          receiver.bytes(i, ByteBuffer.wrap(files[i].bytes().getBytes(StandardCharsets.UTF_8)));
          receiver.end(i);
        }
      }
      transfer.keep(named);
      try (Context context = receiver.context()) {
        List<String> texts = new ArrayList<>();
        for (Told each : files) {
          texts.add(new String(context.open(context.tree().find(each.path())).readAllBytes(), StandardCharsets.UTF_8));
        }
        return new Sent(asked, texts, context.digest());
      }
    }
  }

  @Test
  void onlyChangedFilesTravel() throws IOException {
    ContextStore store = store();
    Told one = new Told("one", "1");
    Told empty = new Told("empty", "");
    Sent first = send(store, MINE, one, empty, new Told("dir/two", "2"));
    assertEquals(List.of("one", "empty", "dir/two"), first.asked());

    Sent same = send(store, MINE, one, empty, new Told("dir/two", "2"));
    assertEquals(List.of(), same.asked());
    assertEquals(first.texts(), same.texts());
    assertEquals(first.digest(), same.digest());

    Sent changed = send(store, MINE, one, empty, new Told("dir/two", "3", 0644, 2, 0), new Told("new", "4"));
    assertEquals(List.of("dir/two", "new"), changed.asked());
    assertEquals(List.of("1", "", "3", "4"), changed.texts());
    assertEquals(List.of(), send(store, MINE, one).asked());
    assertEquals(List.of("new"), send(store, MINE, one, new Told("new", "4")).asked(), "only the last context is kept");
  }

  @Test
  void whatWasNotAskedForStays() throws IOException {
    ContextStore store = store();
    Told one = new Told("one", "1");
    Told two = new Told("two", "2");
    send(store, MINE, one, two);

    assertEquals(List.of(), send(store, MINE, List.of("one"), one).asked());
    assertEquals(List.of(), send(store, MINE, List.of("two"), two).asked());
    assertEquals(List.of("1", "2"), send(store, MINE, one, two).texts());
    send(store, MINE, List.of("two"), new Told("two", "3", 0644, 2, 0));
    assertEquals(List.of("two"), send(store, MINE, one, two).asked(), "one that was asked for is as it was sent last");

    // No more than half of what a team may have is carried along.
    ContextStore small = store(1 << 20, 10_000, 10);
    Told large = new Told("large", "x".repeat(4_000));
    send(small, MINE, large);
    send(small, MINE, List.of("one"), new Told("one", "x".repeat(2_000)));
    assertEquals(List.of("large"), send(small, MINE, List.of("large"), large).asked());
  }

  @Test
  void whatWasAskedForAndIsGoneIsForgotten() throws IOException {
    ContextStore store = store();
    Told other = new Told("other", "1");
    Told old = new Told("app-1.jar", "1");
    Told deep = new Told("dir/sub/gone", "1");
    send(store, MINE, other, old, deep, new Told("dir/sub/a", "1"), new Told("directory", "1"));

    send(store, MINE, List.of("app-*.jar", "dir"), new Told("app-2.jar", "2"), new Told("dir/sub/a", "1"));

    assertEquals(List.of("app-1.jar", "dir/sub/gone"), send(store, MINE, List.of("x"), other, old, deep, new Told("app-2.jar", "2"), new Told("dir/sub/a", "1"), new Told("directory", "1")).asked());

    // Nothing of what is known stays when that cannot be told.
    send(store, MINE, other);
    send(store, MINE, List.of("["), new Told("x", "1"));
    assertEquals(List.of("other"), send(store, MINE, other, new Told("x", "1")).asked());
  }

  @Test
  void whateverIsToldOfAFileCounts() throws IOException {
    for (Told other : List.of(new Told("a", "12"), new Told("a", "x", 0755, 1_000_000_001L, 0), new Told("a", "x", 0644, 1_000_000_002L, 0), new Told("a", "x", 0644, 1_000_000_001L, 1), new Told("b", "x"))) {
      ContextStore store = store();
      send(store, MINE, new Told("a", "1"));
      Sent sent = send(store, MINE, other);
      assertEquals(List.of(other.path()), sent.asked(), other.toString());
      assertEquals(List.of(other.bytes()), sent.texts());
    }
  }

  @Test
  void aLieIsToldToOneselfOnly() throws IOException {
    ContextStore store = store();
    Sent true1 = send(store, MINE, new Told("a", "good"));
    // The same is told of other bytes: the client gets what it sent itself, under the digest of what that is.
    Sent lie = send(store, MINE, new Told("a", "evil"));
    assertEquals(List.of("good"), lie.texts());
    assertEquals(true1.digest(), lie.digest());

    for (Place other : List.of(new Place(new Asker(2, null), 7, "key", "context"), new Place(new Asker(1, null), 8, "key", "context"), new Place(new Asker(1, null), 7, "other", "context"), new Place(new Asker(1, null), 7, "key", "named"), new Place(new Asker(1, "c"), 7, "key", "context"))) {
      Sent sent = send(store, other, new Told("a", "evil"));
      assertEquals(List.of("a"), sent.asked(), other.toString());
      assertEquals(List.of("evil"), sent.texts());
    }
    assertEquals(List.of("a"), send(store, null, new Told("a", "evil")).asked());
    assertEquals(List.of("a"), send(store, null, new Told("a", "evil")).asked());
  }

  @Test
  void whatWasNotWholeIsNotKept() throws IOException {
    ContextStore store = store();
    send(store, MINE, new Told("a", "1"));
    try (ContextStore.Transfer transfer = store.begin(MINE)) {
      ContextReceiver receiver = new ContextReceiver(transfer, new Limits(), "the test");
      Told changed = new Told("a", "22", 0644, 2, 0);
      assertTrue(receiver.entry(0, changed.entry(), changed.nanos()));
      receiver.bytes(0, ByteBuffer.wrap(new byte[] {'2'}));
      assertThrows(IOException.class, () -> receiver.end(0));
    }
    assertEquals(List.of("1"), send(store, MINE, new Told("a", "1")).texts());
    assertEquals(List.of(), send(store, MINE, new Told("a", "1")).asked());
  }

  @Test
  void twoBuildsAtOnceDoNotMixTheirFiles() throws IOException {
    ContextStore store = store();
    send(store, MINE, new Told("a", "1"), new Told("b", "1"));
    try (ContextStore.Transfer transfer = store.begin(MINE)) {
      ContextReceiver slow = new ContextReceiver(transfer, new Limits(), "the test");
      Told changed = new Told("a", "slow", 0644, 2, 0);
      assertTrue(slow.entry(0, changed.entry(), changed.nanos()));
      slow.bytes(0, ByteBuffer.wrap("sl".getBytes(StandardCharsets.UTF_8)));
      assertEquals(List.of("1", "quick"), send(store, MINE, new Told("a", "1"), new Told("b", "quick", 0644, 3, 0)).texts());
      slow.bytes(0, ByteBuffer.wrap("ow".getBytes(StandardCharsets.UTF_8)));
      slow.end(0);
      transfer.keep(List.of());
      store.prune(TEAM, Instant.now().plusSeconds(1), 0, id -> true);
      try (Context context = slow.context()) {
        assertEquals("slow", new String(context.open(context.tree().find("a")).readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    assertEquals(List.of("slow"), send(store, MINE, new Told("a", "slow", 0644, 2, 0)).texts());
  }

  @Test
  void itsFileDoesNotGrowForever() throws IOException {
    ContextStore store = store(1L << 40, 1L << 40, 10);
    String large = "x".repeat(8 << 20);
    long most = 0;
    for (int i = 0; i < 20; i++) {
      Sent sent = send(store, MINE, new Told("a", large, 0644, i, 0), new Told("same", "kept"));
      assertEquals(i == 0 ? List.of("a", "same") : List.of("a"), sent.asked());
      assertEquals("kept", sent.texts().get(1));
      most = Math.max(most, store.list(TEAM).get(0).bytes());
    }
    assertTrue(most < 100 << 20, "it had " + most + " bytes");
    // Nor by transfers that never end.
    for (int i = 0; i < 20; i++) {
      try (ContextStore.Transfer transfer = store.begin(MINE)) {
        transfer.slices().place(8 << 20);
      }
    }
    assertTrue(store.list(TEAM).stream().allMatch(each -> each.bytes() < 100 << 20));
  }

  @Test
  void keepsToItsLimits() throws IOException {
    ContextStore few = store(1 << 20, 1 << 20, 2);
    for (int i = 0; i < 4; i++) {
      send(few, new Place(new Asker(1, null), 7, "key" + i, "context"), new Told("a", "1"));
    }
    assertEquals(2, few.list(TEAM).size());
    assertEquals(List.of("a"), send(few, new Place(new Asker(1, null), 7, "key0", "context"), new Told("a", "1")).asked());
    assertEquals(List.of(), send(few, new Place(new Asker(1, null), 7, "key3", "context"), new Told("a", "1")).asked());

    ContextStore small = store(1 << 20, 10_000, 10);
    send(small, MINE, new Told("a", "x".repeat(20_000)));
    assertEquals(List.of(), small.list(TEAM));
    send(small, MINE, new Told("a", "x".repeat(6_000)));
    send(small, new Place(new Asker(9, null), 9, "key", "context"), new Told("a", "x".repeat(6_000)));
    send(small, new Place(new Asker(2, null), 7, "key", "context"), new Told("a", "x".repeat(6_000)));
    assertEquals(1, small.list(TEAM).size(), "a team's own go first");
    assertEquals(1, small.list(Caller.system(9, "")).size());

    ContextStore none = store(0, 0, 0);
    send(none, MINE, new Told("a", "1"));
    assertEquals(List.of("a"), send(none, MINE, new Told("a", "1")).asked());

    ContextStore old = new ContextStore(state, new Kept(1 << 20, 1 << 20, 10, Duration.ofSeconds(-1)));
    send(old, MINE, new Told("a", "1"));
    old.forgetUnused();
    assertEquals(List.of(), old.list(TEAM));
  }

  @Test
  void theTeamSeesThemAndTakesThemAway() throws IOException {
    ContextStore store = store();
    send(store, MINE, new Told("a", "12345"));
    send(store, MINE, new Told("a", "12345"));
    CachedStep shown = store.list(TEAM).get(0);
    assertEquals("local source for context source.local 2 false", shown.description() + " " + shown.type() + " " + shown.uses() + " " + shown.isInUse());
    assertEquals(List.of(), store.list(Caller.system(8, "")));

    assertEquals(List.of(), store.prune(Caller.system(8, ""), Instant.now().plusSeconds(1), 0, id -> true).ids());
    assertEquals(List.of(), store.prune(TEAM, Instant.now().minusSeconds(60), 0, id -> true).ids());
    assertEquals(List.of(), store.prune(TEAM, Instant.now().plusSeconds(1), 1 << 20, id -> true).ids());
    try (ContextStore.Transfer transfer = store.begin(MINE)) {
      assertEquals(List.of(), store.prune(TEAM, Instant.now().plusSeconds(1), 0, id -> true).ids(), "in use");
      transfer.keep(List.of());
    }
    send(store, MINE, new Told("a", "12345"));
    assertEquals(1, store.prune(TEAM, Instant.now().plusSeconds(1), 0, id -> true).ids().size());
    assertEquals(List.of("a"), send(store, MINE, new Told("a", "12345")).asked());
  }

  @Test
  void nothingHasANameOnTheDisk() throws IOException {
    send(store(), MINE, new Told("a", "1"));
    try (Stream<Path> all = Files.walk(state)) {
      assertEquals(List.of(), all.filter(Files::isRegularFile).toList());
    }
  }
}
