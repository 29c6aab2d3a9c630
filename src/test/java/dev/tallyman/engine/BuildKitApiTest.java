package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.account.Accounts;
import dev.tallyman.engine.GrpcClient.Reply;
import dev.tallyman.engine.KitClient.Files;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** BuildKit's API, with clients that keep to the protocol and clients that do not (T28). */
@QuarkusTest
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class BuildKitApiTest extends EngineTest {
  private static final String CONTROL = "/moby.buildkit.v1.Control/";
  private static final String BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
  private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method: /moby.filesync.v1.FileSync/DiffCopy\r\n";
  private static final int UNKNOWN = 2;
  private static final int INVALID = 3;
  private static final int NOT_FOUND = 5;
  private static final int EXISTS = 6;
  private static final int DENIED = 7;
  private static final int EXHAUSTED = 8;
  private static final int PRECONDITION = 9;
  private static final int UNIMPLEMENTED = 12;

  private final String name = "bk" + UUID.randomUUID().toString().substring(0, 8);
  private final String ref = UUID.randomUUID().toString();

  @AfterEach
  void removeImage() {
    engine.delete("/images/" + name + "?force=1");
  }

  private GrpcClient client() throws Exception {
    return new GrpcClient(RestAssured.port, accounts.adminToken());
  }

  private KitClient session(String dockerfile) throws Exception {
    String head = "X-Tallyman-Token: " + accounts.adminToken() + "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: " + ref + "\r\n" + METHOD;
    return new KitClient(RestAssured.port, head, new Files(dockerfile, List.of(Files.file("file", 5))));
  }

  private static ProtoWriter pair(String key, String value) {
    return new ProtoWriter().text(1, key).text(2, value);
  }

  private ProtoWriter solve() {
    return solve("name", name);
  }

  /** @param attribute of the output, beside which there is no other */
  private ProtoWriter solve(String attribute, String value) {
    return new ProtoWriter().text(1, ref).text(5, ref).message(13, new ProtoWriter().text(1, "moby").message(2, pair(attribute, value)));
  }

  private static ProtoWriter withFrontend(ProtoWriter solve, Map<String, String> attributes) {
    solve.text(6, "dockerfile.v0");
    attributes.forEach((key, value) -> solve.message(7, pair(key, value)));
    return solve;
  }

  private Map<String, String> gateway() {
    return Map.of("buildkit-controlapi-buildid", ref);
  }

  private static Map<String, String> entries(byte[] message, int wanted) throws Exception {
    Map<String, String> found = new HashMap<>();
    ProtoReader reader = new ProtoReader(message);
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field != wanted) {
        reader.skip();
        continue;
      }
      ProtoReader entry = reader.message();
      entry.next();
      String key = entry.text();
      entry.next();
      found.put(key, entry.text());
    }
    return found;
  }

  /** Names of the vertexes, and the texts of the warnings, of all responses. */
  private static List<String> told(Reply status) throws Exception {
    List<String> told = new ArrayList<>();
    for (byte[] message : status.messages()) {
      ProtoReader reader = new ProtoReader(message);
      for (int field = reader.next(); field != 0; field = reader.next()) {
        if (field != 1 && field != 4) {
          reader.skip();
          continue;
        }
        ProtoReader part = reader.message();
        for (int inner = part.next(); inner != 0; inner = part.next()) {
          if (inner == 3) {
            told.add(part.text());
          } else {
            part.skip();
          }
        }
      }
    }
    return told;
  }

  /** Of a gateway's answer to a request for a result. */
  private static ResultOfGateway result(Reply reply) throws Exception {
    assertEquals(0, reply.code(), reply.message());
    ProtoReader outer = new ProtoReader(reply.messages().get(0));
    outer.next();
    ProtoReader result = outer.message();
    result.next();
    ProtoReader given = result.message();
    given.next();
    String id = given.text();
    given.next();
    ByteBuffer definition = given.bytes();
    byte[] bytes = new byte[definition.remaining()];
    definition.get(bytes);
    return new ResultOfGateway(id, bytes);
  }

  /** @param definition by which other builds name it */
  private record ResultOfGateway(String id, byte[] definition) {}

  private static ProtoWriter returned(ResultOfGateway result) {
    return new ProtoWriter().message(1, new ProtoWriter().message(3, new ProtoWriter().text(1, result.id()).bytes(2, result.definition())));
  }

  /** @param definition of the input {@code parent}, which stands for the image {@code base} */
  private static ProtoWriter standingOn(byte[] definition) {
    ProtoWriter input = new ProtoWriter().text(1, "parent").bytes(2, definition);
    return new ProtoWriter().text(2, "dockerfile.v0").message(3, pair("context:base", "input:parent")).message(13, input);
  }

  private static void refused(int code, String words, Reply reply) {
    assertEquals(code, reply.code(), reply.message());
    assertTrue(reply.message().contains(words), () -> "not " + words + ": " + reply.message());
  }

  @Test
  @Covers("POST /grpc")
  void buildsWhatTheGatewayWasAskedFor() throws Exception {
    try (KitClient files = session("FROM busybox\nCOPY file /\nCMD echo hi\n"); GrpcClient client = client()) {
      assertEquals(101, files.status());
      engine.note("POST", "/grpc", client.status());
      CompletableFuture<Reply> solve = client.start(CONTROL + "Solve", Map.of(), solve());
      CompletableFuture<Reply> status = client.start(CONTROL + "Status", Map.of(), new ProtoWriter().text(1, ref));
      assertEquals(0, client.call(BRIDGE + "Ping", gateway(), new ProtoWriter()).code());
      Reply asked = client.call(BRIDGE + "Solve", gateway(), new ProtoWriter().text(2, "dockerfile.v0").message(3, pair("label:a", "b")).number(5, 1).number(6, 1));
      assertEquals(0, asked.code(), asked.message());
      ResultOfGateway result = result(asked);
      refused(NOT_FOUND, "no result", client.call(BRIDGE + "Return", gateway(), new ProtoWriter().message(1, new ProtoWriter().message(3, new ProtoWriter().text(1, "other")))));
      assertEquals(0, client.call(BRIDGE + "Evaluate", gateway(), new ProtoWriter().text(1, result.id())).code());
      refused(NOT_FOUND, "no result", client.call(BRIDGE + "Evaluate", gateway(), new ProtoWriter().text(1, "other")));
      assertEquals(0, client.call(BRIDGE + "Return", gateway(), returned(result)).code());

      Reply done = solve.get(60, TimeUnit.SECONDS);
      assertEquals(0, done.code(), done.message());
      Map<String, String> facts = entries(done.messages().get(0), 1);
      assertEquals("docker.io/library/" + name + ":latest", facts.get("image.name"));
      assertEquals(engine.get("/images/" + name + "/json").json().path("Id").asText(), facts.get("containerimage.digest"));
      assertEquals("b", engine.get("/images/" + name + "/json").json().at("/Config/Labels/a").asText());
      List<String> told = told(status.get(60, TimeUnit.SECONDS));
      assertTrue(told.contains("[2/4] COPY file /") && told.contains("exporting to image"), told.toString());
      assertTrue(told.stream().anyMatch(each -> each.startsWith("JSONArgsRecommended: ") && each.endsWith("(line 3)")), told.toString());
      assertTrue(told(client.call(CONTROL + "Status", new ProtoWriter().text(1, ref))).contains("[2/4] COPY file /"), "what has ended is told again");
    }
  }

  @Test
  void anOutputMayAskToBeLoaded() throws Exception {
    try (KitClient files = session("FROM busybox\nLABEL x=loaded\n"); GrpcClient client = client()) {
      assertEquals(101, files.status());
      Reply built = client.call(CONTROL + "Solve", withFrontend(solve("load", "true"), Map.of()));
      assertEquals(0, built.code(), built.message());
      String id = entries(built.messages().get(0), 1).get("containerimage.digest");
      assertEquals("loaded", engine.get("/images/" + id + "/json").json().at("/Config/Labels/x").asText());
      engine.delete("/images/" + id);
    }
  }

  @Test
  void aBuildWithoutAGatewayAndOneOfNothing() throws Exception {
    try (KitClient files = session("FROM busybox\nLABEL x=y\n"); GrpcClient client = client()) {
      assertEquals(101, files.status());
      Reply built = client.call(CONTROL + "Solve", withFrontend(solve(), Map.of("no-cache", "")));
      assertEquals(0, built.code(), built.message());
      assertEquals("y", engine.get("/images/" + name + "/json").json().at("/Config/Labels/x").asText());
      Map<String, String> other = Map.of("buildkit-controlapi-buildid", ref + "x");
      CompletableFuture<Reply> nothing = client.start(CONTROL + "Solve", Map.of(), new ProtoWriter().text(1, ref + "x").number(11, 1));
      assertEquals(0, client.call(BRIDGE + "Return", other, new ProtoWriter().message(1, new ProtoWriter())).code());
      assertEquals(0, nothing.get(60, TimeUnit.SECONDS).code());
    }
  }

  @Test
  void contextsStandForStagesAndImages() throws Exception {
    String recipe = "FROM nowhere.invalid/x AS src\nCOPY nosuch /\nFROM base AS both\nCOPY --from=src file /x\nFROM src AS files\nLABEL a=b\n";
    Map<String, String> contexts = Map.of("context:src", "local:src", "context:base::linux/" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64"), "docker-image://busybox");
    try (KitClient files = session(recipe); GrpcClient client = client()) {
      assertEquals(101, files.status());
      for (String target : List.of("both", "files", "src")) {
        Map<String, String> options = new HashMap<>(contexts);
        options.put("target", target);
        Reply built = client.call(CONTROL + "Solve", withFrontend(solve(), options).text(1, ref + target));
        assertEquals(0, built.code(), built.message());
        JsonNode image = engine.get("/images/" + name + "/json").json();
        assertEquals(target.equals("both") ? 2 : 1, image.at("/RootFS/Layers").size(), target);
        assertEquals(target.equals("both") ? "sh" : "", image.at("/Config/Cmd/0").asText(), target);
        assertEquals(target.equals("files") ? "b" : "", image.at("/Config/Labels/a").asText(), target);
      }
      refused(UNKNOWN, "invalid context name UPPER", client.call(CONTROL + "Solve", withFrontend(solve(), Map.of("context:UPPER", "local:src")).text(1, ref + "name")));
      refused(UNIMPLEMENTED, "plan9", client.call(CONTROL + "Solve", withFrontend(solve(), Map.of("context:x::plan9/mips", "local:src")).text(1, ref + "platform")));
    }
  }

  @Test
  void aBuildStandsOnWhatAnotherOfTheAccountMakes() throws Exception {
    Map<String, String> child = Map.of("buildkit-controlapi-buildid", ref + "child");
    ProtoWriter second = new ProtoWriter().text(1, ref + "child").text(5, ref).message(13, new ProtoWriter().text(1, "moby").message(2, pair("name", name)));
    try (KitClient files = session("FROM busybox AS base\nLABEL parent=yes\nFROM base\nLABEL child=yes\n"); GrpcClient client = client(); GrpcClient other = new GrpcClient(RestAssured.port, accounts.token(Role.MEMBER))) {
      assertEquals(101, files.status());
      CompletableFuture<Reply> parent = client.start(CONTROL + "Solve", Map.of(), new ProtoWriter().text(1, ref).text(5, ref));
      ResultOfGateway base = result(client.call(BRIDGE + "Solve", gateway(), new ProtoWriter().text(2, "dockerfile.v0").message(3, pair("target", "base"))));
      refused(INVALID, "another", client.call(BRIDGE + "Solve", gateway(), standingOn(base.definition())));
      CompletableFuture<Reply> solve = client.start(CONTROL + "Solve", Map.of(), second);
      assertEquals(0, client.call(BRIDGE + "Ping", child, new ProtoWriter()).code());
      refused(INVALID, "invalid input nosuch", client.call(BRIDGE + "Solve", child, new ProtoWriter().text(2, "dockerfile.v0").message(3, pair("context:base", "input:nosuch"))));
      refused(UNIMPLEMENTED, "LLB", client.call(BRIDGE + "Solve", child, standingOn(new ProtoWriter().bytes(1, new ProtoWriter().message(2, new ProtoWriter()).toBytes()).toBytes())));
      ResultOfGateway made = result(client.call(BRIDGE + "Solve", child, standingOn(base.definition())));
      assertEquals(0, client.call(BRIDGE + "Return", child, returned(made)).code());
      assertEquals(0, client.call(BRIDGE + "Return", gateway(), returned(base)).code());
      assertEquals(0, parent.get(60, TimeUnit.SECONDS).code());
      Reply done = solve.get(60, TimeUnit.SECONDS);
      assertEquals(0, done.code(), done.message());
      JsonNode labels = engine.get("/images/" + name + "/json").json().at("/Config/Labels");
      assertEquals("yes yes", labels.path("parent").asText() + " " + labels.path("child").asText());

      CompletableFuture<Reply> strange = other.start(CONTROL + "Solve", Map.of(), new ProtoWriter().text(1, ref));
      assertEquals(0, other.call(BRIDGE + "Ping", gateway(), new ProtoWriter()).code());
      refused(NOT_FOUND, "not being built", other.call(BRIDGE + "Solve", gateway(), standingOn(base.definition())));
      assertEquals(0, other.call(BRIDGE + "Return", gateway(), new ProtoWriter().message(1, new ProtoWriter())).code());
      assertEquals(0, strange.get(60, TimeUnit.SECONDS).code());
    }
  }

  @Test
  void aBuildFailsWithWhatItStandsOn() throws Exception {
    Map<String, String> child = Map.of("buildkit-controlapi-buildid", ref + "child");
    try (KitClient files = session("FROM base\n"); GrpcClient client = client()) {
      assertEquals(101, files.status());
      CompletableFuture<Reply> parent = client.start(CONTROL + "Solve", Map.of(), new ProtoWriter().text(1, ref).text(5, ref));
      ResultOfGateway base = result(client.call(BRIDGE + "Solve", gateway(), new ProtoWriter().text(2, "dockerfile.v0")));
      CompletableFuture<Reply> solve = client.start(CONTROL + "Solve", Map.of(), new ProtoWriter().text(1, ref + "child").text(5, ref));
      ResultOfGateway made = result(client.call(BRIDGE + "Solve", child, standingOn(base.definition())));
      assertEquals(0, client.call(BRIDGE + "Return", child, returned(made)).code());
      assertEquals(0, client.call(BRIDGE + "Return", gateway(), new ProtoWriter().message(2, new ProtoWriter().number(1, PRECONDITION).text(2, "changed my mind"))).code());
      refused(PRECONDITION, "changed my mind", parent.get(60, TimeUnit.SECONDS));
      Reply failed = solve.get(60, TimeUnit.SECONDS);
      assertNotEquals(0, failed.code());
      assertTrue(failed.message().contains("was not built"), failed.message());
    }
  }

  @Test
  void aFailureComesWithItsLines() throws Exception {
    try (KitClient files = session("FROM busybox\nRUNN x\n"); GrpcClient client = client()) {
      assertEquals(101, files.status());
      Reply reply = client.call(CONTROL + "Solve", withFrontend(solve(), Map.of()));
      refused(UNKNOWN, "dockerfile parse error on line 2: unknown instruction: RUNN", reply);
      String details = new String(Base64.getDecoder().decode(reply.details()), StandardCharsets.UTF_8);
      assertTrue(details.contains("errdefs.Source+json") && details.contains("\"start\":{\"line\":2}"), details);
      assertEquals(404, engine.get("/images/" + name + "/json").status());
    }
  }

  @Test
  void tellsWhoBuildsHereAndWhatIsCached() throws Exception {
    try (KitClient files = session("FROM busybox\nLABEL cached=" + name + "\n"); GrpcClient client = client()) {
      assertEquals(101, files.status());
      assertEquals(0, client.call(CONTROL + "ListWorkers", new ProtoWriter()).code());
      assertEquals(0, client.call(CONTROL + "Info", new ProtoWriter()).code());
      assertEquals(0, client.call(CONTROL + "Solve", withFrontend(solve(), Map.of())).code());
      Reply usage = client.call(CONTROL + "DiskUsage", new ProtoWriter().text(1, "type==regular"));
      assertTrue(new String(usage.messages().get(0), StandardCharsets.UTF_8).contains("LABEL cached=" + name), usage.toString());
      assertEquals(0, client.call(CONTROL + "Prune", new ProtoWriter().text(1, "type==exec.cachemount")).code());
      refused(UNIMPLEMENTED, "filter", client.call(CONTROL + "DiskUsage", new ProtoWriter().text(1, "id~=x")));
      refused(UNIMPLEMENTED, "--min-free-space", client.call(CONTROL + "Prune", new ProtoWriter().number(6, 1)));
      assertEquals(0, client.call(CONTROL + "Prune", new ProtoWriter().number(2, 1).number(5, 1L << 40)).messages().size(), "less than the most is kept");
      refused(INVALID, "negative", client.call(CONTROL + "Prune", new ProtoWriter().number(5, -1)));
      refused(INVALID, "negative", client.call(CONTROL + "Prune", new ProtoWriter().number(4, -1)));
    }
  }

  @Test
  void whatIsNotThereIsRefusedByName() throws Exception {
    Map<ProtoWriter, String> solves = new HashMap<>();
    solves.put(solve().message(2, new ProtoWriter().bytes(1, new byte[] {1})), "LLB");
    solves.put(solve().message(8, new ProtoWriter().message(4, new ProtoWriter().text(1, "gha"))), "--cache-to type=gha");
    solves.put(solve().message(8, new ProtoWriter().message(5, new ProtoWriter().text(1, "gha"))), "--cache-from type=gha");
    solves.put(solve().message(8, new ProtoWriter().text(1, "x")), "2018");
    solves.put(solve().text(9, "security.insecure"), "security.insecure");
    solves.put(solve().message(10, new ProtoWriter()), "inputs");
    solves.put(solve().message(12, new ProtoWriter().number(1, 1)), "source policy");
    solves.put(solve().message(13, new ProtoWriter().text(1, "moby")), "more than one output");
    solves.put(solve().number(14, 1), "exporter");
    solves.put(solve().number(99, 1), "field 99");
    solves.put(new ProtoWriter().text(1, ref).text(6, "gateway.v0").message(7, pair("source", "example/frontend")), "example/frontend");
    solves.put(withFrontend(solve("annotation-manifest.a", "b"), Map.of()), "the annotation-manifest.a of a manifest");
    solves.put(withFrontend(solve("load", "false"), Map.of()), "the attribute load of an output");
    for (String key : List.of("context:other", "cgroup-parent", "hostname", "build-arg:BUILDKIT_SANDBOX_HOSTNAME", "surprise")) {
      solves.put(withFrontend(solve(), Map.of(key, "value")), key.replaceFirst(".*:", ""));
    }
    solves.put(withFrontend(solve(), Map.of("context", "ssh://example.com/x.git")), "not from ssh://example.com/x.git");
    solves.put(withFrontend(solve(), Map.of("attest:sbom", "x")), "attestation");
    solves.put(withFrontend(solve(), Map.of("cache-imports", "[{\"Type\":\"s3\"}]")), "--cache-from type=s3");
    solves.put(withFrontend(solve(), Map.of("requestid", "frontend.outline")), "frontend.outline");
    solves.put(withFrontend(solve(), Map.of("platform", "plan9/mips")), "plan9/mips");
    try (GrpcClient client = client()) {
      for (Map.Entry<ProtoWriter, String> each : solves.entrySet()) {
        // A ref is not free again at once; of two texts the last one counts.
        Reply reply = client.call(CONTROL + "Solve", each.getKey().text(1, UUID.randomUUID().toString()));
        refused(UNIMPLEMENTED, each.getValue(), reply);
      }
      for (String method : List.of(BRIDGE + "NewContainer", BRIDGE + "ReadFile", "/no.Such/Method", "/")) {
        assertEquals(UNIMPLEMENTED, client.call(method, new ProtoWriter()).code(), method);
      }
    }
  }

  @Test
  void damagedCallsAreAnsweredAndNothingElse() throws Exception {
    try (GrpcClient client = client()) {
      Http2Headers info = new DefaultHttp2Headers().method("POST").scheme("http").path(CONTROL + "Solve").authority("localhost").set("content-type", "application/grpc");
      Map<ByteBuf, Integer> bodies = new HashMap<>();
      bodies.put(Unpooled.buffer().writeByte(1).writeInt(3).writeZero(3), INVALID);
      bodies.put(Unpooled.buffer().writeByte(0).writeInt(Integer.MAX_VALUE), INVALID);
      bodies.put(Unpooled.buffer().writeByte(0).writeInt(0).writeByte(0).writeInt(0), INVALID);
      bodies.put(Unpooled.buffer().writeByte(0).writeInt(2).writeByte(0x0a).writeByte(0x7f), INVALID);
      bodies.put(Unpooled.EMPTY_BUFFER, INVALID);
      bodies.put(GrpcClient.framed(new ProtoWriter()), INVALID);
      bodies.put(GrpcClient.framed(new ProtoWriter().text(1, "x".repeat(129))), INVALID);
      bodies.put(GrpcClient.framed(new ProtoWriter().bytes(1, new byte[] {(byte) 0xff})), INVALID);
      bodies.put(GrpcClient.framed(new ProtoWriter().bytes(1, new byte[600 << 10])), EXHAUSTED);
      ProtoWriter options = new ProtoWriter().text(1, "many");
      for (int i = 0; i < 1001; i++) {
        options.message(7, new ProtoWriter().text(1, "label:" + i).text(2, "x"));
      }
      bodies.put(GrpcClient.framed(options), EXHAUSTED);
      for (Map.Entry<ByteBuf, Integer> each : bodies.entrySet()) {
        Reply reply = client.send(info, each.getKey()).get(60, TimeUnit.SECONDS);
        assertEquals(each.getValue(), reply.code(), reply.message());
      }
      assertEquals("405", client.send(new DefaultHttp2Headers().method("GET").scheme("http").path("/").authority("x"), Unpooled.EMPTY_BUFFER).get(60, TimeUnit.SECONDS).http());
      assertEquals("415", client.send(new DefaultHttp2Headers().method("POST").scheme("http").path("/").authority("x"), Unpooled.EMPTY_BUFFER).get(60, TimeUnit.SECONDS).http());
      assertEquals(0, client.call(CONTROL + "Info", new ProtoWriter()).code());
    }
    try (GrpcClient client = client()) {
      client.status();
      client.raw("\0\0\1\7\7\7 this is no frame of HTTP/2 at all");
      client.untilClosed();
    }
  }

  @Test
  void aBuildIsItsAccountsOwn() throws Exception {
    try (GrpcClient client = client(); GrpcClient other = new GrpcClient(RestAssured.port, accounts.token(Role.MEMBER)); GrpcClient viewer = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER))) {
      CompletableFuture<Reply> solve = client.start(CONTROL + "Solve", Map.of(), solve());
      assertEquals(0, client.call(BRIDGE + "Ping", gateway(), new ProtoWriter()).code());
      refused(EXISTS, "already", client.call(CONTROL + "Solve", solve()));
      refused(NOT_FOUND, "no build", other.call(BRIDGE + "Ping", gateway(), new ProtoWriter()));
      refused(NOT_FOUND, "no build", other.call(BRIDGE + "Return", gateway(), new ProtoWriter()));
      refused(NOT_FOUND, "no build", other.call(CONTROL + "Status", new ProtoWriter().text(1, ref)));
      refused(DENIED, "viewer", viewer.call(CONTROL + "Solve", withFrontend(solve(), Map.of())));
      refused(DENIED, "viewer", viewer.call(CONTROL + "Solve", solve()));
      refused(DENIED, "viewer", viewer.call(CONTROL + "Prune", new ProtoWriter()));
      Reply error = client.call(BRIDGE + "Return", gateway(), new ProtoWriter().message(2, new ProtoWriter().number(1, PRECONDITION).text(2, "changed my mind")));
      assertEquals(0, error.code());
      refused(PRECONDITION, "changed my mind", solve.get(60, TimeUnit.SECONDS));
    }
    assertEquals(401, new GrpcClient(RestAssured.port, "tlm_wrong").status());
  }

  @Test
  void aSessionWithinACallIsItsAccountsToo() throws Exception {
    Map<String, String> named = Map.of("x-docker-expose-session-uuid", ref, "x-docker-expose-session-grpc-method", "/moby.filesync.v1.FileSync/DiffCopy");
    try (GrpcClient client = client(); GrpcClient viewer = new GrpcClient(RestAssured.port, accounts.token(Role.VIEWER))) {
      refused(DENIED, "viewer", viewer.call(CONTROL + "Session", named, new ProtoWriter()));
      refused(INVALID, "session's id", client.call(CONTROL + "Session", new ProtoWriter()));
      for (byte[] bytes : List.of(new byte[0], "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8), new byte[100_000])) {
        Reply reply = client.call(CONTROL + "Session", named, new ProtoWriter().bytes(1, bytes));
        assertTrue(reply.code() <= 0, reply.message());
      }
      assertEquals(0, client.call(CONTROL + "Info", new ProtoWriter()).code());
    }
  }

  @Test
  void whoseTokenIsTakenAwayIsCutOff() throws Exception {
    Caller member = accounts.caller(Role.MEMBER);
    Accounts.NewToken token = accounts.accounts().createToken(member, "taken-away", null);
    try (GrpcClient client = new GrpcClient(RestAssured.port, token.secret())) {
      CompletableFuture<Reply> solve = client.start(CONTROL + "Solve", Map.of(), solve());
      assertEquals(0, client.call(BRIDGE + "Ping", gateway(), new ProtoWriter()).code());
      accounts.accounts().revokeToken(member, token.id());
      client.untilClosed();
      assertNotEquals(0, solve.get(60, TimeUnit.SECONDS).code());
    }
  }

  @Test
  void aBuildNeedsTheSessionOfItsAccount() throws Exception {
    try (GrpcClient client = client()) {
      refused(NOT_FOUND, "no active session", client.call(CONTROL + "Solve", withFrontend(solve(), Map.of())));
    }
  }

  @Test
  void oneAccountTakesUpNoMoreThanItsShare() throws Exception {
    String member = accounts.token(Role.MEMBER);
    List<GrpcClient> clients = new ArrayList<>();
    try {
      int status = 101;
      while (status == 101 && clients.size() < 40) {
        clients.add(new GrpcClient(RestAssured.port, member));
        status = clients.get(clients.size() - 1).status();
      }
      assertEquals(507, status);
      assertEquals(33, clients.size());
      List<CompletableFuture<Reply>> solves = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        solves.add(clients.get(i).start(CONTROL + "Solve", Map.of(), new ProtoWriter().text(1, ref + i)));
        assertEquals(0, clients.get(i).call(BRIDGE + "Ping", Map.of("buildkit-controlapi-buildid", ref + i), new ProtoWriter()).code());
      }
      refused(EXHAUSTED, "as many builds", clients.get(0).call(CONTROL + "Solve", new ProtoWriter().text(1, ref)));
      // Whoever goes away makes room.
      clients.remove(1).close();
      try (GrpcClient another = reconnect(member)) {
        Reply after = another.call(CONTROL + "Info", new ProtoWriter());
        assertEquals(0, after.code());
      }
      assertNotEquals(0, solves.get(1).get(60, TimeUnit.SECONDS).code());
    } finally {
      clients.forEach(GrpcClient::close);
    }
  }

  /** The server learns a moment later that a connection has ended. */
  private static GrpcClient reconnect(String token) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    GrpcClient client = new GrpcClient(RestAssured.port, token);
    while (client.status() != 101 && System.nanoTime() < end) {
      client.close();
      client = new GrpcClient(RestAssured.port, token);
    }
    return client;
  }
}
