package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StageRunsTest {
  private static final String THREE =
      "FROM scratch AS a\nLABEL a=1\nFROM scratch AS b\nLABEL b=1\nFROM scratch AS c\nLABEL c=1\nFROM scratch AS unused\nLABEL d=1\n"
          + "FROM a AS last\nCOPY --from=b / /\nRUN --mount=from=c,target=/c true\n";

  private static StagePlan plan(String text, String target) {
    Dockerfile file = Dockerfile.parse("Dockerfile", text);
    return new StagePlan(file, target, stage -> file.expand(stage.from(), file.words(name -> null)), stage -> "replaced".equals(stage.name()));
  }

  private static Executor threads() {
    return task -> new Thread(task).start();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void findsWhatATargetNeeds() {
    StagePlan plan = plan(THREE, "");

    assertEquals(List.of(0, 1, 2, 4), plan.stages().stream().map(Stage::index).toList());
    assertEquals("[0, 1, 2]", plan.needs(plan.target()).toString());
    assertEquals(List.of(1), plan(THREE, "b").stages().stream().map(Stage::index).toList());
    assertThrows(TallymanException.class, () -> plan(THREE, "nosuch"));
  }

  @Test
  void needsNothingOfAStageThatSomethingElseStandsFor() {
    StagePlan plan = plan("FROM scratch AS a\nFROM a AS replaced\nCOPY --from=a / /\nFROM scratch\nCOPY --from=replaced / /\nRUN --mount=from=1,target=/x true\n", "");

    assertEquals(List.of(2), plan.stages().stream().map(Stage::index).toList());
    assertEquals(List.of(1), plan("FROM scratch AS a\nFROM a AS replaced\n", "").stages().stream().map(Stage::index).toList());
  }

  @Test
  void runsSideBySideWhatDoesNotDependOnEachOther() {
    StageRuns<String> runs = new StageRuns<>(plan(THREE, ""), 4, threads());
    CyclicBarrier together = new CyclicBarrier(3);
    List<Integer> ended = Collections.synchronizedList(new ArrayList<>());

    runs.run(
        stage -> {
          if (stage.index() < 3) {
            try {
              together.await(30, TimeUnit.SECONDS);
            } catch (Exception e) { // it has four ways to fail, each of which is this test's
              throw new IllegalStateException(e);
            }
          } else {
            assertEquals(Optional.of("1"), runs.result(plan(THREE, "").stages().get(1)));
          }
          ended.add(stage.index());
          return Integer.toString(stage.index());
        },
        failed -> {});

    assertEquals(4, ended.size());
    assertEquals(4, ended.get(3));
  }

  @Test
  void keepsToTheLimitAndTheOrder() {
    StageRuns<String> runs = new StageRuns<>(plan(THREE, ""), 1, threads());
    AtomicInteger now = new AtomicInteger();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());

    runs.run(
        stage -> {
          assertEquals(1, now.incrementAndGet());
          order.add(stage.index());
          now.decrementAndGet();
          return null;
        },
        failed -> {});

    assertEquals(List.of(0, 1, 2, 4), order);
    assertEquals(Optional.empty(), runs.result(plan(THREE, "").target()));
  }

  @Test
  void aFailureEndsTheOthersAndIsTheAnswer() {
    StageRuns<String> runs = new StageRuns<>(plan(THREE, ""), 4, threads());
    CountDownLatch isTold = new CountDownLatch(1);
    CountDownLatch haveBegun = new CountDownLatch(3);
    List<Integer> failed = Collections.synchronizedList(new ArrayList<>());

    TallymanException thrown =
        assertThrows(
            TallymanException.class,
            () -> runs.run(
                stage -> {
                  haveBegun.countDown();
                  await(haveBegun);
                  if (stage.index() == 1) {
                    throw new TallymanException(ErrorKind.INVALID, "number one");
                  }
                  await(isTold);
                  throw new TallymanException(ErrorKind.CONFLICT, "the build was cancelled");
                },
                stage -> {
                  failed.add(stage.index());
                  isTold.countDown();
                }));

    assertEquals("number one", thrown.getMessage());
    assertEquals(List.of(1), failed);
    assertNull(runs.result(plan(THREE, "").target()));
  }

  @Test
  void aStageForWhichThereIsNoThreadIsAFailureLikeOthers() {
    CountDownLatch isTold = new CountDownLatch(1);
    AtomicInteger given = new AtomicInteger();
    StageRuns<String> runs = new StageRuns<>(plan(THREE, ""), 4, task -> {
      if (given.incrementAndGet() == 2) {
        throw new RejectedExecutionException("closed");
      }
      new Thread(task).start();
    });
    List<Integer> failed = Collections.synchronizedList(new ArrayList<>());
    List<Integer> ended = Collections.synchronizedList(new ArrayList<>());

    TallymanException thrown =
        assertThrows(
            TallymanException.class,
            () -> runs.run(
                stage -> {
                  await(isTold);
                  ended.add(stage.index());
                  return null;
                },
                stage -> {
                  failed.add(stage.index());
                  isTold.countDown();
                }));

    assertEquals(ErrorKind.UNAVAILABLE, thrown.kind());
    assertEquals(List.of(1), failed);
    assertEquals(List.of(0), ended, "nothing begins after it, and what runs is waited for");
    assertNull(runs.result(plan(THREE, "").target()));
  }

  @Test
  void oneThatWaitsForAnotherSeesItsFailure() {
    String text = "FROM scratch AS a\nLABEL a=1\nFROM scratch AS b\nLABEL b=1\nFROM scratch\nCOPY --from=a / /\nCOPY --from=b / /\n";
    StagePlan plan = plan(text, "");
    StageRuns<String> runs = new StageRuns<>(plan, 4, threads());
    CountDownLatch isWaiting = new CountDownLatch(1);

    assertThrows(
        TallymanException.class,
        () -> runs.run(
            stage -> {
              if (stage.index() == 1) {
                isWaiting.countDown();
                assertNull(runs.result(plan.stages().get(0)));
                return null;
              }
              await(isWaiting);
              throw new TallymanException(ErrorKind.INVALID, "it failed");
            },
            failed -> {}));
  }
}
