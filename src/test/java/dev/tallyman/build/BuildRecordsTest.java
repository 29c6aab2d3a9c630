package dev.tallyman.build;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Sql;
import dev.tallyman.testing.TestAccounts;
import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class BuildRecordsTest {
  private static final String PATH = "/api/v1/images/build/records";

  @Inject TestAccounts accounts;
  @Inject Builds builds;
  @Inject BuildRecords records;
  @Inject BuildRecordStore store;
  @Inject BuildRecordService service;
  @Inject BuildJournals journals;
  @Inject AgroalDataSource source;
  @Inject AuditTrail audit;

  private final String name = "r" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;

  @BeforeEach
  void start() {
    member = accounts.caller(Role.MEMBER);
  }

  /** Runs something when the first step is told. */
  private record Listener(Runnable atFirstStep) implements BuildOutput {
    @Override
    public void text(String text) {}

    @Override
    public void step(int number, int count, String text) {
      if (number == 1) {
        atFirstStep.run();
      }
    }

    @Override
    public void made(String image) {}

    @Override
    public TransferProgress transfer() {
      return TransferProgress.silent();
    }
  }

  private String build(String dockerfile, Runnable atFirstStep, Cancellation cancellation) throws IOException {
    BuildRequest request = new BuildWish("Dockerfile", List.of(name + ":1"), "", List.of(), List.of(), false, false).request();
    return builds.build(member, request, new ByteArrayInputStream(BuildResourceTest.context("Dockerfile", dockerfile)), new Listener(atFirstStep), cancellation);
  }

  private String build(String dockerfile) throws IOException {
    return build(dockerfile, () -> {}, new Cancellation());
  }

  private BuildRecord mine() {
    BuildRecord row = records.list(member, 1000).stream().filter(each -> each.names().contains(name + ":1")).findFirst().orElseThrow();
    return records.get(member, row.id());
  }

  private RequestSpecification rest(Caller who) {
    return given().header("Authorization", "Bearer " + accounts.tokenOf(who));
  }

  private String stages() {
    return "FROM scratch AS low\nLABEL of=" + name + "\nFROM scratch AS other\nLABEL it=" + name + "\nCOPY Dockerfile /d\nFROM low\nCOPY --from=other / /x\n";
  }

  @Test
  void tellsWhoBuiltWhatFromWhat() throws IOException {
    String image = build("FROM scratch AS low\nLABEL of=" + name + "\nFROM low\nENV A=" + name + "\n");

    BuildRecord record = mine();
    assertEquals(Outcome.DONE, record.outcome());
    assertEquals(member.accountName(), record.account());
    assertEquals(image, record.image());
    assertTrue(record.dockerfile().startsWith("sha256:") && record.context().startsWith("sha256:"), record.toString());
    assertEquals(4, record.stepCount());
    assertEquals(0, record.cachedCount());
    assertEquals(List.of(0, 1), record.stages().stream().map(BuildRecords.StageRecord::index).toList());
    assertEquals(List.of(0), record.stages().get(1).needs());
    assertEquals("low", record.stages().get(0).name());
    assertEquals("LABEL of=" + name, record.stages().get(0).steps().get(1).text());
    assertTrue(record.stages().stream().flatMap(each -> each.steps().stream()).allMatch(each -> each.endedAt() != null && !each.isCached()));

    build("FROM scratch AS low\nLABEL of=" + name + "\nFROM low\nENV A=" + name + "\n");
    assertEquals(2, mine().cachedCount());
    assertTrue(mine().stages().get(1).steps().get(1).isCached());
  }

  @Test
  void keepsWhatFailed() {
    assertThrows(TallymanException.class, () -> build("FROM scratch\nLABEL a=b\nCOPY nosuch /\n"));

    BuildRecord record = mine();
    assertEquals(Outcome.FAILED, record.outcome());
    assertTrue(record.error().contains("nosuch"), record.error());
    assertEquals("", record.image());
    assertNull(record.stages().get(0).steps().get(2).endedAt());
    assertEquals(List.of(false, false, true), record.stages().get(0).steps().stream().map(BuildRecords.StepRecord::isFailed).toList());
  }

  @Test
  void keepsWhatIsNoDockerfile() {
    assertThrows(TallymanException.class, () -> build("FORM scratch\n"));

    assertEquals(Outcome.FAILED, mine().outcome());
    assertEquals(List.of(), mine().stages());
  }

  @Test
  void showsOneThatRunsAndOneThatWasCancelled() {
    Cancellation cancellation = new Cancellation();
    AtomicReference<BuildRecord> seen = new AtomicReference<>();

    assertThrows(
        TallymanException.class,
        () -> build(
            "FROM scratch\nLABEL a=b\n",
            () -> {
              seen.set(mine());
              cancellation.cancel();
            },
            cancellation));

    assertEquals(Outcome.RUNNING, seen.get().outcome());
    assertNull(seen.get().endedAt());
    assertEquals("FROM scratch", seen.get().stages().get(0).steps().get(0).text());
    assertEquals(Outcome.CANCELLED, mine().outcome());
    assertTrue(mine().stages().get(0).steps().stream().noneMatch(BuildRecords.StepRecord::isFailed));
  }

  /** Each makes the same steps and the same images, whichever is first. */
  @Test
  void theSameBuildAtOnceGivesTheSameImage() throws Exception {
    String text = "ARG SOURCE_DATE_EPOCH=1600000000\n" + stages();
    CyclicBarrier together = new CyclicBarrier(4);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<String>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(
            threads.submit(
                () -> {
                  together.await(60, TimeUnit.SECONDS);
                  return build(text);
                }));
      }
      Set<String> images = new TreeSet<>();
      for (Future<String> each : all) {
        images.add(each.get(120, TimeUnit.SECONDS));
      }

      assertEquals(1, images.size(), images.toString());
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void isSeenByTheTeamOnly() throws IOException {
    build("FROM scratch\nLABEL of=" + name + "\n");
    String id = mine().id();

    rest(member).get(PATH).then().statusCode(200).body("id", hasItem(id)).body("find { it.id == '" + id + "' }.outcome", equalTo("DONE"));
    rest(accounts.caller(Role.VIEWER)).get(PATH + "/" + id).then().statusCode(200).body("stages[0].steps[1].text", equalTo("LABEL of=" + name)).body("image", startsWith("sha256:"));
    Caller stranger = accounts.stranger(Role.MEMBER);
    rest(stranger).get(PATH).then().statusCode(200).body("id", not(hasItem(id)));
    rest(stranger).get(PATH + "/" + id).then().statusCode(404).body("detail", containsString(id));
    given().get(PATH).then().statusCode(401);
    rest(member).queryParam("limit", 0).get(PATH).then().statusCode(400);
    rest(member).get(PATH + "/nosuch").then().statusCode(404);
  }

  @Test
  void keepsTheNewestOnly() {
    Caller other = accounts.stranger(Role.MEMBER);
    for (int i = 0; i < 4; i++) {
      Instant at = Instant.now().plus(Duration.ofDays(1)).plusSeconds(i); // newer than any other
      BuildRecord record = new BuildRecord(name + i, "a", "rest", List.of(), "", "", "", List.of(), Outcome.RUNNING, "", "", at, null, 0, 0, List.of(), "");
      BuildRecord ended = record.interrupted();
      QuarkusTransaction.requiringNew().run(() -> {
        store.begin(other.team(), record);
        store.end(other.team(), ended, 2);
      });
    }

    assertEquals(List.of(name + 3, name + 2), records.list(other, 10).stream().map(BuildRecord::id).toList());
  }

  @Test
  void whatIsDoneStaysDoneWhenItsClientIsGone() {
    BuildRequest request = new BuildWish("Dockerfile", List.of(name + ":1"), "", List.of(), List.of(), false, false).request();
    BuildOutput gone =
        new BuildOutput() {
          @Override
          public void text(String text) {}

          @Override
          public void made(String image) {
            throw new IllegalStateException("the client is gone");
          }

          @Override
          public TransferProgress transfer() {
            return TransferProgress.silent();
          }
        };

    assertThrows(
        IllegalStateException.class,
        () -> builds.build(member, request, new ByteArrayInputStream(BuildResourceTest.context("Dockerfile", "FROM scratch\nLABEL of=" + name + "\n")), gone, new Cancellation()));

    assertEquals(Outcome.DONE, mine().outcome());
    assertTrue(mine().image().startsWith("sha256:"));
  }

  /** Nothing that a Dockerfile says may keep a build from being recorded. */
  @Test
  void recordsOfHugeBuildsAreCut() {
    List<BuildRecords.StageRecord> stages = new ArrayList<>();
    List<String> bases = new ArrayList<>();
    Instant at = Instant.now().truncatedTo(ChronoUnit.MICROS);
    for (int i = 0; i < 1_000; i++) {
      BuildRecords.StepRecord step = new BuildRecords.StepRecord(i, "\u0001".repeat(300), at, at, false, "", false, List.of());
      stages.add(new BuildRecords.StageRecord(i, "", "", List.of(), List.of(step)));
      bases.add("sha256:" + String.format("%064d", i));
    }
    String id = "0".repeat(55) + name;
    BuildRecord begun = new BuildRecord(id, "a", "rest", List.of(), "", "", "", List.of(), Outcome.RUNNING, "", "", at, null, 0, 0, List.of(), "");
    store.begin(member.team(), begun);
    store.end(
        member.team(), new BuildRecord(id, "a", "rest", List.of(), "", "", "", BuildRecordStore.bounded(bases), Outcome.DONE, "", "", at, at, 1_000, 0, stages, ""), 1_000);

    BuildRecord kept = records.get(member, id);
    assertTrue(kept.stages().size() > 400 && kept.stages().size() < 1_000, "kept " + kept.stages().size());
    assertTrue(kept.bases().size() > 100 && kept.bases().size() < 1_000, "kept " + kept.bases().size());
  }

  /** What a server leaves that dies in the second step. */
  private String cutOff(Caller owner) {
    String id = UUID.randomUUID().toString().replace("-", "").repeat(2);
    BuildRequest request = new BuildWish("Dockerfile", List.of(name + ":cut"), "", List.of(), List.of(), false, false).request().withId(name);
    BuildTrace trace = new BuildTrace(owner, id, request, journals.open(id));
    store.begin(owner.team(), trace.running());
    trace.read("sha256:1", "sha256:2");
    trace.planned(new StagePlan(Dockerfile.parse("Dockerfile", "FROM scratch\nENV A=b\n"), "", stage -> stage.from(), stage -> false), Map.of(0, "scratch"));
    trace.began(0, 1, "FROM scratch");
    trace.ended(0, "");
    trace.began(0, 2, "ENV A=b");
    trace.wrote(0, "first\nfetching https://me:password@host/x\nhalf a li");
    return id;
  }

  @Test
  void tellsOfOneThatWasCutOff() throws IOException {
    Caller owner = member;
    String id = cutOff(owner);

    assertEquals(Outcome.INTERRUPTED, records.get(owner, id).outcome());
    service.unfinished().stream().filter(each -> each.build().id().equals(id)).forEach(service::interrupted);
    service.tidy();

    BuildRecord record = records.get(owner, id);
    assertEquals(Outcome.INTERRUPTED, record.outcome());
    assertEquals(List.of(name + ":cut"), record.names());
    assertEquals(name, record.ref());
    assertEquals("sha256:1", record.dockerfile());
    assertEquals("FROM scratch", record.stages().get(0).steps().get(0).text());
    assertNull(record.stages().get(0).steps().get(1).endedAt());
    List<BuildRecords.OutputPiece> written = record.stages().get(0).steps().get(1).output();
    assertEquals(List.of("first\n", "fetching https://host/x\n"), written.stream().map(BuildRecords.OutputPiece::text).toList());
    assertEquals(written.get(1).at(), record.endedAt());
    assertEquals(2, record.stepCount());
    assertTrue(service.unfinished().stream().noneMatch(each -> each.build().id().equals(id)));
    assertEquals(0, journals.read(id).stepCount(), "the journal is still there");
    assertTrue(Files.notExists(journals.path(id + OutputJournal.SUFFIX)), "the output is still there");
    AuditTrail.AuditRow row = audit.list(owner, new AuditTrail.AuditFilter(null, "image.build", name + ":cut", null, null, null, null, null, 10)).get(0);
    assertEquals("failed", row.outcome());
    assertEquals("default", row.team());
    assertTrue(row.detail().contains(owner.accountName()) && row.detail().contains("sha256:1") && row.detail().contains("at step 2"), row.detail());
    Document page = Visitor.with(accounts.session(Role.VIEWER)).page("/ui/images/builds/" + id);
    assertTrue(page.selectFirst(".badge").text().equals("cut off"), page.text());
    assertEquals(1, page.select("svg.build-chart rect.stopped").size());
    assertTrue(page.text().contains("fetching https://host/x"), page.text());
  }

  /** It would run for ever, and could not be removed. */
  @Test
  void closesOneWhoseOutputCannotBeWritten() {
    String id = cutOff(member);
    BuildRequest request = new BuildWish("Dockerfile", List.of(), "", List.of(), List.of(), false, false).request();
    BuildTrace trace = new BuildTrace(member, id, request, journals.open(id));
    trace.planned(new StagePlan(Dockerfile.parse("Dockerfile", "FROM scratch\n"), "", stage -> stage.from(), stage -> false), Map.of(0, "scratch"));
    trace.began(0, 1, "FROM scratch");
    trace.wrote(0, "said");
    new Sql(source).update("insert into build_output (build_id, output) values (?, '{}')", id); // in the way

    service.failed(trace, false, "why it failed");

    BuildRecord record = records.get(member, id);
    assertEquals(Outcome.FAILED, record.outcome());
    assertEquals("why it failed", record.error());
    assertEquals(List.of(), record.stages());
  }

  /** They are part of the FROM that brings them. */
  @Test
  void tellsWhichFromHadATriggerThatFailed() {
    assertThrows(TallymanException.class, () -> build("FROM scratch AS low\nONBUILD LABEL of=" + name + "\nONBUILD COPY nosuch /\nFROM low\nLABEL a=b\n"));

    BuildRecords.StepRecord from = mine().stages().get(1).steps().get(0);
    assertEquals("FROM low", from.text());
    assertTrue(from.isFailed());
    assertNull(from.endedAt());
    assertThrows(TallymanException.class, () -> build("FROM scratch AS low\nONBUILD LABEL of=" + name + "\nONBUILD COPY nosuch /\nFROM low\nLABEL a=b\n"));
    assertEquals(false, mine().stages().get(1).steps().get(0).isCached());
  }

  @Test
  void outlinesHaveStepsWithoutWhatTheyWrote() {
    String id = cutOff(member);
    Instant at = Instant.now().truncatedTo(ChronoUnit.MICROS);
    BuildRecords.StepRecord step = new BuildRecords.StepRecord(1, "RUN a", at, at, false, "", false, List.of(new BuildRecords.OutputPiece(at, "said")));
    BuildRecord ended = store.find(member.team(), id).orElseThrow().interrupted().with(List.of(new BuildRecords.StageRecord(0, "", "", List.of(), List.of(step))));
    store.end(member.team(), ended, 1_000);

    assertEquals("said", records.named(member, name).orElseThrow().stages().get(0).steps().get(0).output().get(0).text());
    BuildRecords.StepRecord outline = records.outline(member, name).orElseThrow().stages().get(0).steps().get(0);
    assertEquals(List.of(), outline.output());
    assertEquals(at, outline.endedAt());
    assertTrue(records.outline(accounts.stranger(Role.MEMBER), name).isEmpty());
  }

  /** A kill may cut the last line, and a disk any other. */
  @Test
  void readsAJournalAsFarAsItIsWhole() throws IOException {
    String id = cutOff(member);
    Path path = journals.path(id);
    List<String> lines = Files.readAllLines(path);

    Files.writeString(path, String.join("\n", lines) + "\n{\"kind\":\"BEG");
    assertEquals(2, journals.read(id).stepCount());
    Files.writeString(path, lines.get(0) + "\n{}\n[]\n\0\n");
    assertEquals("sha256:2", journals.read(id).context());
    Files.write(path, new byte[] {(byte) 0xff, (byte) 0xfe, 10});
    assertEquals(0, journals.read(id).stepCount());
  }

  @Test
  void pagesShowGraphAndSteps() throws IOException {
    assertThrows(TallymanException.class, () -> build(stages() + "COPY nosuch /<b>\n"));
    BuildRecord record = mine();
    Visitor visitor = Visitor.with(accounts.session(Role.VIEWER));

    assertNotNull(visitor.page("/ui/images").selectFirst("a[href=/ui/images/builds]"));
    assertNotNull(visitor.page("/ui/images/builds").selectFirst("a[href=/ui/images/builds/" + record.id() + "]"));
    Document page = visitor.page("/ui/images/builds/" + record.id());
    assertEquals(name + ":1", page.selectFirst("h1").text());
    assertEquals(3, page.select("svg.build-chart text").size());
    assertEquals(1, page.select("svg.build-chart rect.failed").size());
    assertEquals(3, page.select("section[data-stage]").size());
    assertTrue(page.selectFirst("section[data-stage=2]").text().contains("needs stages: 0, 1"), page.text());
    assertTrue(page.selectFirst("section[data-stage=0]").text().contains("LABEL of=" + name));
    assertTrue(page.select("main b").isEmpty(), "what a Dockerfile says became markup");
    assertTrue(page.selectFirst("pre.output").text().contains("nosuch"), page.text());
  }
}
