package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** COPY --from is found by its source, without a look at the files, or by what it copies. */
@QuarkusTest
class BuildCacheTest {
  @Inject TestAccounts accounts;
  @Inject Builds builds;
  @Inject BuildRecords records;
  @Inject FakeKernel kernel;
  @Inject Images images;

  private final String name = "c" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;

  @BeforeEach
  void start() {
    member = accounts.caller(Role.MEMBER);
  }

  private record Silent() implements BuildOutput {
    @Override
    public void text(String text) {}

    @Override
    public void made(String image) {}

    @Override
    public TransferProgress transfer() {
      return TransferProgress.silent();
    }
  }

  private String build(String dockerfile) throws IOException {
    return build(member, dockerfile);
  }

  private String build(Caller who, String dockerfile) throws IOException {
    return build(who, dockerfile, new BuildWish("Dockerfile", List.of(name + ":1"), "", List.of(), List.of(), false, false).request());
  }

  private String buildWithoutCache(String dockerfile) throws IOException {
    return build(member, dockerfile, new BuildWish("Dockerfile", List.of(name + ":1"), "", List.of(), List.of(), true, false).request());
  }

  private String build(Caller who, String dockerfile, BuildRequest request) throws IOException {
    return builds.build(who, request, new ByteArrayInputStream(BuildResourceTest.context("Dockerfile", dockerfile)), new Silent(), new Cancellation());
  }

  private String dockerfile(String inFirst, String copy) {
    return "FROM scratch AS a\nCOPY <<EOF /d/one\n" + name + "\nEOF\nCOPY <<EOF /d/two\n2\nEOF\n" + inFirst + "FROM scratch\nCOPY --from=a " + copy + "\n";
  }

  private boolean isLastCached() {
    return isLastCached(member);
  }

  private boolean isLastCached(Caller who) {
    List<BuildRecords.StepRecord> steps = steps(who, 1);
    return steps.get(steps.size() - 1).isCached();
  }

  private List<BuildRecords.StepRecord> steps(Caller who, int stage) {
    BuildRecord row = records.list(who, 1000).stream().filter(each -> each.names().contains(name + ":1")).findFirst().orElseThrow();
    return records.get(who, row.id()).stages().get(stage).steps();
  }

  /** @param count how far below */
  private String below(String image, int count) {
    String found = image;
    for (int i = 0; i < count; i++) {
      found = String.valueOf(images.inspect(member, found).parent());
    }
    return found;
  }

  @Test
  void filesOfTheSameSourceAreNotReadAgain() throws IOException {
    String first = build(dockerfile("", "/d /d"));
    int before = kernel.prepared();

    assertEquals(first, build(dockerfile("", "/d /d")));

    assertEquals(before, kernel.prepared(), "the files of the stage were read again");
    assertTrue(isLastCached());
  }

  @Test
  void theSameFilesOfAnotherSourceAreFoundByWhatTheyAre() throws IOException {
    String first = build(dockerfile("", "/d /d"));

    assertEquals(first, build(dockerfile("LABEL of=" + name + "\n", "/d /d")));
    int before = kernel.prepared();
    assertEquals(first, build(dockerfile("LABEL of=" + name + "\n", "/d /d")));

    assertEquals(before, kernel.prepared(), "the source by which they were found is not known");
  }

  /** Both begin with the same step. */
  private String beginning(String last) {
    return "FROM scratch\nCOPY <<EOF /first\n" + name + "\nEOF\nLABEL second=" + name + "\nCOPY <<EOF /last\n" + last + "\nEOF\n";
  }

  @Test
  void stepsAreFoundOnTopOfOneThatAnotherBuildMadeAnew() throws IOException {
    String one = build(beginning("1"));

    String other = buildWithoutCache(beginning("2"));

    assertEquals(one, build(beginning("1")));
    assertEquals(other, build(beginning("2")));
  }

  @Test
  void onTopOfWhatWasMadeAnewEverythingIs() throws IOException {
    String dockerfile = beginning("1").replace("scratch", "scratch AS base") + "FROM base AS b\nLABEL third=3\nFROM scratch\nCOPY --from=b /last /\nLABEL fourth=4\n";
    BuildRequest usual = new BuildWish("Dockerfile", List.of(name + ":1"), "b", List.of(), List.of(), false, false).request();
    String before = build(member, dockerfile, usual);

    String after = build(member, dockerfile, usual.withFreshStages(Set.of("base")));

    assertNotEquals(before, after, "a stage stands on one that is no more");
    assertEquals(after, build(member, dockerfile, usual));
    // The same files were copied, so that nothing follows from where they were.
    assertEquals(build(dockerfile), build(dockerfile));
  }

  @Test
  void aStageOfANamedImageStartsFromThatImage() throws IOException {
    String dockerfile = beginning("1").replace("scratch", "scratch AS one") + "FROM " + name + ":one\nCOPY --from=one /last /\nLABEL fourth=4\n";
    BuildRequest one = new BuildWish("Dockerfile", List.of(name + ":one"), "one", List.of(), List.of(), false, false).request();
    String first = build(member, dockerfile, one);
    String whole = build(dockerfile);
    assertEquals(first, below(whole, 2));
    assertEquals(whole, build(dockerfile));

    String second = build(member, dockerfile, new BuildWish("Dockerfile", List.of(name + ":one"), "one", List.of(), List.of(), true, false).request());

    assertNotEquals(first, second);
    assertEquals(second, below(build(dockerfile), 2), "the name leads to another image");
  }

  @Test
  void whatABuildMadeIsFoundByItsOtherStages() throws IOException {
    String same = "COPY <<EOF /first\n" + name + "\nEOF\nLABEL second=" + name + "\nLABEL third=" + name + "\n";

    // The second stage needs the first, so that it begins when that has ended.
    build("FROM scratch AS a\n" + same + "FROM scratch AS b\n" + same + "COPY --from=a /first /copy\n");

    assertEquals(List.of(false, false, false), steps(member, 0).stream().skip(1).map(BuildRecords.StepRecord::isCached).toList());
    assertEquals(List.of(true, true, true), steps(member, 1).stream().skip(1).limit(3).map(BuildRecords.StepRecord::isCached).toList());
  }

  @Test
  void anExportedCacheHasStepsOfOneChain() throws IOException {
    build(beginning("1"));
    String other = buildWithoutCache(beginning("2"));
    BuildRequest exporting = new BuildWish("Dockerfile", List.of(name + ":1"), "", List.of(), List.of(), false, false).request().withCaches(new CacheUse(List.of(), List.of(), true));

    String exported = build(member, beginning("1"), exporting);

    assertEquals(below(other, 1), below(exported, 2), "a step is told of with what another made");
    assertEquals(exported, build(member, beginning("1"), exporting));
  }

  @Test
  void idsThatSomebodyWroteAreText() throws IOException {
    String step = "FROM scratch\nCOPY <<EOF /d/one\n" + name + "\nEOF\n";
    String first = build(step);
    build(step + "LABEL of=" + first + "\n");

    String second = buildWithoutCache(step);

    assertNotEquals(first, second);
    assertEquals(second, images.inspect(member, build(step + "LABEL of=" + second + "\n")).config().labels().get("of"));
  }

  @Test
  void otherFilesAreNeverTaken() throws IOException {
    String whole = build(dockerfile("", "/d /d"));

    assertNotEquals(whole, build(dockerfile("", "--exclude=two /d /d")));
    assertNotEquals(whole, build(dockerfile("", "--parents /d /d")));
    assertNotEquals(whole, build(dockerfile("", "/d/one /d/")));
    assertNotEquals(whole, build(dockerfile("COPY <<EOF /d/three\n3\nEOF\n", "/d /d")));
    assertNotEquals(build(dockerfile("", "--exclude=one --exclude=two /d /d")), build(dockerfile("", "--exclude=one /d /d")));
  }

  @Test
  void stepsOfAnotherTeamAreNotThere() throws IOException {
    build(dockerfile("", "/d /d"));

    Caller stranger = accounts.stranger(Role.MEMBER);
    build(stranger, dockerfile("", "/d /d"));
    assertFalse(isLastCached(stranger), "a step that another team made was taken");

    build(stranger, dockerfile("", "/d /d"));
    assertTrue(isLastCached(stranger), "its own is");
  }
}
