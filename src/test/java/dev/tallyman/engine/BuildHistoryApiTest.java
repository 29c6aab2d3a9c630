package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.BuildOutput;
import dev.tallyman.build.BuildRecords;
import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.BuildWish;
import dev.tallyman.build.Builds;
import dev.tallyman.build.Cancellation;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.GrpcClient.Reply;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The history of builds by BuildKit's API, as buildx asks for it and as it does not. */
@QuarkusTest
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class BuildHistoryApiTest extends EngineTest {
  private static final String LISTEN = "/moby.buildkit.v1.Control/ListenBuildHistory";
  private static final String UPDATE = "/moby.buildkit.v1.Control/UpdateBuildHistory";
  private static final String STATUS = "/moby.buildkit.v1.Control/Status";
  private static final int INVALID = 3;
  private static final int NOT_FOUND = 5;
  private static final int DENIED = 7;
  private static final int EXHAUSTED = 8;
  private static final int UNIMPLEMENTED = 12;

  @Inject BuildRecords records;
  @Inject Builds builds;

  private final String name = "bh" + UUID.randomUUID().toString().substring(0, 8);

  @AfterEach
  void removeImage() {
    engine.delete("/images/" + name + "?force=1");
  }

  private GrpcClient client() throws Exception {
    return new GrpcClient(RestAssured.port, accounts.adminToken());
  }

  private static byte[] context(String dockerfile) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] data = dockerfile.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry("Dockerfile");
      entry.setSize(data.length);
      tar.putArchiveEntry(entry);
      tar.write(data);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  /** @return id of its record, which is its ref for want of another */
  private String build(String query, String dockerfile) throws IOException {
    engine.send("POST", "/build?t=" + name + query, "application/x-tar", context(dockerfile));
    Caller viewer = accounts.caller(Role.VIEWER);
    return records.list(viewer, 1000).stream().filter(each -> each.names().contains(name)).map(BuildRecord::id).findFirst().orElseThrow();
  }

  private static ProtoWriter early() {
    return new ProtoWriter().number(3, 1);
  }

  /** The refs of all records. */
  private static List<String> refs(Reply reply) throws IOException {
    assertEquals(0, reply.code(), reply.message());
    List<String> refs = new ArrayList<>();
    for (byte[] message : reply.messages()) {
      ProtoReader event = new ProtoReader(message);
      for (int field = event.next(); field != 0; field = event.next()) {
        if (field == 2) {
          ProtoReader record = event.message();
          record.next();
          refs.add(record.text());
        } else {
          event.skip();
        }
      }
    }
    return refs;
  }

  private static String all(Reply reply) {
    StringBuilder text = new StringBuilder();
    reply.messages().forEach(each -> text.append(new String(each, StandardCharsets.UTF_8)));
    return text.toString();
  }

  @Test
  void listsTheBuildsOfTheTeam() throws Exception {
    String done = build("", "FROM busybox\nLABEL of=" + name + "\n");
    String failed = build("&buildid=" + name, "FROM busybox\nCOPY nosuch /\n");
    try (GrpcClient client = client(); GrpcClient viewer = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER))) {
      List<String> seen = refs(viewer.call(LISTEN, early()));
      assertTrue(seen.indexOf(name) >= 0 && seen.indexOf(name) < seen.indexOf(done), "the newest first, by its client's name: " + seen);
      assertFalse(seen.contains(failed));
      assertEquals(List.of(name), refs(client.call(LISTEN, early().text(2, name))));
      assertEquals(List.of(name), refs(client.call(LISTEN, early().text(2, failed))));
      assertEquals(1, refs(client.call(LISTEN, early().number(5, 1))).size());
      assertEquals(List.of(), refs(client.call(LISTEN, early().text(2, "nosuch"))));
      assertEquals(List.of(), refs(client.call(LISTEN, early().number(1, 1).text(2, "buildx-test-history-api-feature"))));
      assertEquals(List.of(done), refs(client.call(LISTEN, early().text(4, "ref~=" + done.substring(0, 20) + ",status==completed,startedAt>=1h,duration<1h"))));
      assertEquals(List.of(name), refs(client.call(LISTEN, early().text(4, "ref~=" + name + ",status==error").text(4, "ref~=nosuch"))));
      assertEquals(List.of(), refs(client.call(LISTEN, early().text(4, "ref~=" + name + ",completedAt>2999-01-01T00:00:00Z"))));
      assertEquals(List.of(), refs(client.call(LISTEN, early().text(4, "ref~=.*,repository!=x"))), "a pattern was taken for one");
      assertTrue(all(client.call(LISTEN, early().text(2, name))).contains("nosuch"), "the error is missing");
    }
    try (GrpcClient stranger = new GrpcClient(RestAssured.port, accounts.tokenOf(accounts.stranger(Role.MEMBER)))) {
      assertFalse(refs(stranger.call(LISTEN, early())).contains(name));
      assertEquals(List.of(), refs(stranger.call(LISTEN, early().text(2, done))));
      assertEquals(NOT_FOUND, stranger.call(UPDATE, new ProtoWriter().text(1, done).number(3, 1)).code());
    }
  }

  @Test
  void tellsAgainHowABuildWent() throws Exception {
    String id = build("", "FROM busybox AS low\nRUN echo said-" + name + "\nRUN --mount=type=secret,id=x echo hidden-" + name + "\nFROM low\nCOPY nosuch /\n");
    try (GrpcClient viewer = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER))) {
      Reply reply = viewer.call(STATUS, new ProtoWriter().text(1, id));

      assertEquals(0, reply.code(), reply.message());
      String told = all(reply);
      assertTrue(told.contains("[low 2/3] RUN echo said-") && told.contains("[stage-1 2/2] COPY nosuch /"), told);
      assertTrue(told.contains("said-" + name + "\n"), told);
      assertFalse(told.contains("hidden-" + name + "\n"), "output of a command with secrets was kept");
      assertTrue(told.contains("what a command with secrets writes is not kept"), told);
      assertTrue(told.contains("not found in build context"), told);
    }
    given(id, 200).body("stages[0].steps[1].output[0].text", org.hamcrest.Matchers.equalTo("said-" + name + "\n"));
  }

  /** Asks while the first step is done; what else it is told is waited for later. */
  private record Follower(List<GrpcClient> clients, ProtoWriter request, List<CompletableFuture<Reply>> replies) implements BuildOutput {
    @Override
    public void text(String text) {}

    @Override
    public void made(String image) {}

    @Override
    public void step(int number, int count, String text) {
      if (number == 1) {
        clients.forEach(each -> replies.add(assertDoesNotThrow(() -> each.start(STATUS, Map.of(), request))));
        // It goes on when those of the team were told something.
        clients.subList(0, 2).forEach(each -> assertDoesNotThrow(each::untilHeard));
      }
    }

    @Override
    public TransferProgress transfer() {
      return TransferProgress.silent();
    }
  }

  @Test
  void whatRunsIsToldToTheTeamUntilItsEnd() throws Exception {
    BuildRequest request = new BuildWish("Dockerfile", List.of(name), "", List.of(), List.of(), false, false).request().withId(name);
    Caller member = accounts.caller(Role.MEMBER);
    try (GrpcClient one = client();
        GrpcClient other = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER));
        GrpcClient stranger = new GrpcClient(RestAssured.port, accounts.tokenOf(accounts.stranger(Role.MEMBER)))) {
      Follower follower = new Follower(List.of(one, other, stranger), new ProtoWriter().text(1, name), new ArrayList<>());
      builds.build(member, request, new ByteArrayInputStream(context("FROM scratch\nLABEL of=" + name + "\n")), follower, new Cancellation());

      for (CompletableFuture<Reply> each : follower.replies().subList(0, 2)) {
        Reply reply = each.get(60, TimeUnit.SECONDS);
        assertEquals(0, reply.code(), reply.message());
        assertTrue(all(reply).contains("FROM scratch") && all(reply).contains("LABEL of=" + name), all(reply));
      }
      assertEquals(NOT_FOUND, follower.replies().get(2).get(60, TimeUnit.SECONDS).code());
    }
  }

  /** Follows with one more call than an account may have; goes on when one was refused. */
  private record Crowd(GrpcClient client, ProtoWriter request, List<CompletableFuture<Reply>> replies, Runnable atStep) implements BuildOutput {
    @Override
    public void text(String text) {}

    @Override
    public void made(String image) {}

    @Override
    public void step(int number, int count, String text) {
      atStep.run();
      if (number == 1) {
        for (int i = 0; i < 17; i++) {
          replies.add(assertDoesNotThrow(() -> client.start(STATUS, Map.of(), request)));
        }
        assertDoesNotThrow(() -> CompletableFuture.anyOf(replies.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS));
      }
    }

    @Override
    public TransferProgress transfer() {
      return TransferProgress.silent();
    }
  }

  @Test
  void oneAccountFollowsNoMoreThanItsShare() throws Exception {
    BuildRequest request = new BuildWish("Dockerfile", List.of(name), "", List.of(), List.of(), false, false).request().withId(name);
    Caller member = accounts.caller(Role.MEMBER);
    Caller stranger = accounts.stranger(Role.MEMBER);
    List<Long> changes = new ArrayList<>();
    try (GrpcClient viewer = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER))) {
      Crowd crowd = new Crowd(viewer, new ProtoWriter().text(1, name), new ArrayList<>(), () -> {
        String id = records.named(member, name).orElseThrow().id();
        changes.add(records.changes(member, id));
        assertEquals(changes.get(changes.size() - 1), records.changes(member, id), "nothing happened");
        assertEquals(BuildRecords.ENDED, records.changes(stranger, id));
        assertTrue(records.named(stranger, id).isEmpty());
      });
      builds.build(member, request, new ByteArrayInputStream(context("FROM scratch\nLABEL of=" + name + "\n")), crowd, new Cancellation());

      List<Integer> codes = new ArrayList<>();
      for (CompletableFuture<Reply> each : crowd.replies()) {
        Reply reply = each.get(60, TimeUnit.SECONDS);
        codes.add(reply.code());
        assertTrue(reply.code() == 0 || reply.message().contains("follows 16 already"), reply.message());
      }
      assertEquals(1, codes.stream().filter(each -> each == EXHAUSTED).count(), codes.toString());
      assertEquals(16, codes.stream().filter(each -> each == 0).count(), codes.toString());
      assertEquals(0, viewer.call(STATUS, new ProtoWriter().text(1, name)).code());
    }
    assertTrue(changes.size() == 2 && changes.get(0) < changes.get(1), changes.toString());
    assertEquals(BuildRecords.ENDED, records.changes(member, records.named(member, name).orElseThrow().id()));
  }

  private io.restassured.response.ValidatableResponse given(String id, int status) {
    return RestAssured.given().header("Authorization", "Bearer " + accounts.adminToken()).get("/api/v1/images/build/records/" + id).then().statusCode(status);
  }

  @Test
  void removesWhatHasEnded() throws Exception {
    String id = build("", "FROM busybox\nRUN echo said\n");
    try (GrpcClient client = client(); GrpcClient viewer = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER))) {
      assertEquals(DENIED, viewer.call(UPDATE, new ProtoWriter().text(1, id).number(3, 1)).code());
      assertEquals(0, client.call(UPDATE, new ProtoWriter().text(1, id).number(4, 1)).code());
      given(id, 200);
      assertEquals(0, client.call(UPDATE, new ProtoWriter().text(1, id).number(3, 1)).code());
      given(id, 404);
      assertEquals(NOT_FOUND, client.call(UPDATE, new ProtoWriter().text(1, id).number(3, 1)).code());
    }
    String trail = RestAssured.given().header("Authorization", "Bearer " + accounts.adminToken()).get("/api/v1/audit?action=image.build-forget&object=" + id).asString();
    assertTrue(trail.contains("\"outcome\":\"refused\"") && trail.contains("\"outcome\":\"done\""), trail);
    String other = build("", "FROM busybox\nLABEL other=" + name + "\n");
    RestAssured.given().header("Authorization", "Bearer " + accounts.adminToken()).delete("/api/v1/images/build/records/" + other).then().statusCode(204);
    given(other, 404);
  }

  @Test
  void whatIsNotThereIsRefusedByName() throws Exception {
    try (GrpcClient client = client()) {
      Reply following = client.call(LISTEN, new ProtoWriter());
      assertEquals(UNIMPLEMENTED, following.code());
      assertTrue(following.message().contains("following"), following.message());
      assertEquals(UNIMPLEMENTED, client.call(UPDATE, new ProtoWriter().text(1, "x").number(2, 1)).code());
      assertEquals(UNIMPLEMENTED, client.call(LISTEN, early().number(9, 1)).code());
      assertEquals(NOT_FOUND, client.call(UPDATE, new ProtoWriter().number(3, 1)).code());
      assertEquals(INVALID, client.call(LISTEN, early().number(5, -1)).code());
      for (String filter : List.of("nosuch==x", "ref", "\"ref~=a,b\"", "ref~=", "ref=~(a+)+$", ",", "status==a==b", "\0")) {
        assertEquals(UNIMPLEMENTED, client.call(LISTEN, early().text(4, filter)).code(), filter);
      }
      for (String filter : List.of("startedAt>soon", "duration>=1x", "status>=completed", "duration==1h", "startedAt>" + "9".repeat(500) + "h", "x".repeat(1001))) {
        assertEquals(INVALID, client.call(LISTEN, early().text(4, filter)).code(), filter);
      }
      ProtoWriter many = early();
      Collections.nCopies(17, "status==error").forEach(each -> many.text(4, each));
      assertEquals(INVALID, client.call(LISTEN, many).code());
    }
  }
}
