package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.dockerfile.RunMount.Sharing;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.VolumeFolders;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CacheMountsTest {
  private static final String CACHE = "c".repeat(64);

  @Inject CacheMounts mounts;
  @Inject VolumeFolders folders;
  @Inject TestAccounts accounts;

  private Caller caller;
  private long team;

  @BeforeEach
  void start() {
    caller = accounts.caller(Role.MEMBER);
    team = caller.team();
  }

  @AfterEach
  void removeAll() {
    mounts.prune(caller, Instant.now().plusSeconds(60), 0, id -> true);
    assertEquals(0, mounts.list(caller).size());
  }

  private String take(Sharing sharing, Cancellation cancellation) {
    return mounts.take(team, CACHE, sharing, "for a test", cancellation, folders::create);
  }

  private String take(Sharing sharing) {
    return take(sharing, new Cancellation());
  }

  @Test
  void sharesOneAmongAllWhoShare() {
    String first = take(Sharing.SHARED);
    String second = take(Sharing.SHARED);
    mounts.release(first);
    mounts.release(second);
    String later = take(Sharing.PRIVATE);
    mounts.release(later);

    assertEquals(first, second);
    assertEquals(first, later);
    assertEquals(CacheMounts.TYPE, mounts.list(caller).get(0).type());
  }

  @Test
  void anotherTeamHasItsOwn() {
    String ours = take(Sharing.SHARED);
    Caller stranger = accounts.stranger(Role.MEMBER);
    String theirs = mounts.take(stranger.team(), CACHE, Sharing.SHARED, "for a test", new Cancellation(), folders::create);
    mounts.release(ours);
    mounts.release(theirs);

    assertNotEquals(ours, theirs);
    assertEquals(1, mounts.prune(stranger, Instant.now().plusSeconds(60), 0, id -> true).ids().size());
    assertFalse(folders.list().contains(theirs));
    assertTrue(folders.list().contains(ours), "a team takes away its own only");
  }

  @Test
  void makesAnotherOfAPrivateOneInUse() {
    String first = take(Sharing.PRIVATE);
    String second = take(Sharing.PRIVATE);
    String third = take(Sharing.SHARED);
    mounts.release(first);
    mounts.release(second);
    mounts.release(third);

    assertNotEquals(first, second);
    assertNotEquals(first, third);
    assertNotEquals(second, third);
  }

  @Test
  void waitsForALockedOne() throws Exception {
    String first = take(Sharing.LOCKED);
    CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> take(Sharing.LOCKED));
    assertFalse(second.isDone());

    mounts.release(first);

    assertEquals(first, second.get(20, TimeUnit.SECONDS));
    mounts.release(first);
  }

  @Test
  void stopsWaitingWhenTheBuildIsCancelled() {
    String first = take(Sharing.LOCKED);
    Cancellation cancellation = new Cancellation();
    CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> take(Sharing.LOCKED, cancellation));

    cancellation.cancel();

    ExecutionException failed = assertThrows(ExecutionException.class, () -> second.get(20, TimeUnit.SECONDS));
    assertEquals("the build was cancelled", failed.getCause().getMessage());
    mounts.release(first);
  }

  @Test
  void leavesNothingOfOneThatCouldNotBeMade() {
    assertThrows(
        StageBuild.Refused.class,
        () -> mounts.take(team, CACHE, Sharing.SHARED, "", new Cancellation(), id -> {
          throw new StageBuild.Refused("no");
        }));
    assertEquals(0, mounts.list(caller).size());
  }

  @Test
  void keepsWhatIsInUseAndWhatWasUsedLately() {
    String used = take(Sharing.SHARED);
    assertTrue(mounts.prune(caller, Instant.now().plusSeconds(60), 0, id -> true).ids().isEmpty());
    mounts.release(used);

    assertTrue(mounts.prune(caller, Instant.now().minusSeconds(600), 0, id -> true).ids().isEmpty());
    assertEquals(1, mounts.prune(caller, Instant.now().plusSeconds(60), 0, id -> true).ids().size());
    assertFalse(folders.list().contains(used));
  }
}
