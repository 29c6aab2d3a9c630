package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.engine.GrpcClient.Reply;
import dev.tallyman.engine.KitClient.Call;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Folders of a client in the layout of OCI, which it offers over its session; and clients that lie (T28). */
@QuarkusTest
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SessionStoreApiTest extends EngineTest {
  private static final String SOLVE = "/moby.buildkit.v1.Control/Solve";
  private static final String STATUS = "/moby.buildkit.v1.Control/Status";
  private static final String CONTENT = "/containerd.services.content.v1.Content/";
  private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method: ";
  private static final int EXISTS = 6;
  private static final int COMMIT = 2;

  private final String unique = UUID.randomUUID().toString();

  /** A client with the files of a build and one folder of blobs. */
  private static class Folder extends KitClient.Files {
    final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    final String id;
    private final Map<Call, String> paths = new HashMap<>();
    private final Map<Call, ByteArrayOutputStream> written = new HashMap<>();

    Folder(String dockerfile, String id) {
      super(dockerfile, List.of(KitClient.Files.file("file", 5)));
      this.id = id;
    }

    @Override
    public void begun(Call call, String path, Http2Headers headers) {
      if (!path.startsWith(CONTENT)) {
        super.begun(call, path, headers);
      } else if (id.contentEquals(headers.get("buildkit-attachable-store-id"))) {
        paths.put(call, path.substring(CONTENT.length()));
      } else {
        call.end(5);
      }
    }

    @Override
    public void message(Call call, byte[] message) {
      try {
        switch (paths.getOrDefault(call, "")) {
          case "Read" -> read(call, text(message, 1));
          case "Write" -> write(call, message);
          default -> super.message(call, message);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void read(Call call, String digest) {
      byte[] bytes = blobs.get(digest);
      if (bytes == null) {
        call.end(5);
        return;
      }
      for (int from = 0; from < bytes.length; from += 1000) {
        call.send(new ProtoWriter().number(1, from).bytes(2, Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 1000))));
      }
      call.end(0);
    }

    void write(Call call, byte[] whole) throws IOException {
      ProtoReader message = new ProtoReader(whole);
      ByteArrayOutputStream to = written.computeIfAbsent(call, each -> new ByteArrayOutputStream());
      int action = 0;
      String expected = "";
      for (int field = message.next(); field != 0; field = message.next()) {
        switch (field) {
          case 1 -> action = (int) message.number();
          case 4 -> expected = message.text();
          case 6 -> {
            ByteBuffer data = message.bytes();
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            to.writeBytes(piece);
          }
          default -> message.skip();
        }
      }
      if (action == 0 && blobs.containsKey(expected)) {
        call.end(EXISTS);
        return;
      }
      if (action == COMMIT) {
        assertEquals(expected, sum(to.toByteArray()));
        blobs.put(expected, to.toByteArray());
      }
      call.send(new ProtoWriter().number(1, action).number(4, to.size()));
    }
  }

  private static String sum(byte[] bytes) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(byte[] message, int wanted) throws IOException {
    ProtoReader reader = new ProtoReader(message);
    String text = "";
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == wanted) {
        text = reader.text();
      } else {
        reader.skip();
      }
    }
    return text;
  }

  private static ProtoWriter pair(String key, String value) {
    return new ProtoWriter().text(1, key).text(2, value);
  }

  private Reply solve(KitClient.Script script, ProtoWriter request) throws Exception {
    String ref = UUID.randomUUID().toString();
    String head = "X-Tallyman-Token: " + accounts.adminToken() + "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: " + ref + "\r\n";
    String methods = METHOD + "/moby.filesync.v1.FileSync/DiffCopy\r\n" + METHOD + CONTENT + "Read\r\n" + METHOD + CONTENT + "Write\r\n";
    try (KitClient session = new KitClient(RestAssured.port, head + methods, script); GrpcClient client = new GrpcClient(RestAssured.port, accounts.adminToken())) {
      assertEquals(101, session.status());
      Reply reply = client.call(SOLVE, request.text(1, ref).text(5, ref).text(6, "dockerfile.v0"));
      client.call(STATUS, new ProtoWriter().text(1, ref));
      return reply;
    }
  }

  private static ProtoWriter exporting(String folder) {
    return new ProtoWriter().message(8, new ProtoWriter().message(4, new ProtoWriter().text(1, "local").message(2, pair("dest", folder)).message(2, pair("mode", "max"))));
  }

  private String dockerfile() {
    return "FROM scratch AS one\nCOPY file /" + unique + "\nFROM one\nLABEL of=" + unique + "\n";
  }

  /** A folder with the steps of a build. @return the digest by which they are found there */
  private String exported(Folder folder) throws Exception {
    Reply done = solve(folder, exporting("/some/folder"));
    assertEquals(0, done.code(), done.message());
    ProtoReader response = new ProtoReader(done.messages().get(0));
    Map<String, String> facts = new HashMap<>();
    for (int field = response.next(); field != 0; field = response.next()) {
      ProtoReader entry = response.message();
      entry.next();
      String key = entry.text();
      entry.next();
      facts.put(key, entry.text());
    }
    JsonNode manifest = new ObjectMapper().readTree(facts.get("cache.manifest"));
    assertEquals(folder.blobs.get(manifest.path("digest").asText()).length, manifest.path("size").asInt());
    return manifest.path("digest").asText();
  }

  @Test
  void aCacheAndAnImageOfAFolder() throws Exception {
    Folder folder = new Folder(dockerfile(), "local:/some/folder");
    String digest = exported(folder);
    assertEquals(3, folder.blobs.size(), folder.blobs.keySet().toString());
    assertEquals(digest, exported(folder), "what is there is not left a second time");

    Folder layout = new Folder("FROM base\nLABEL a=b\n", "oci:layout");
    layout.blobs.putAll(folder.blobs);
    Reply built = solve(layout, new ProtoWriter().message(7, pair("context:base", "oci-layout://layout:latest@" + digest)));
    assertEquals(0, built.code(), built.message());
    Reply other = solve(layout, new ProtoWriter().message(7, pair("context:base", "oci-layout://other@" + digest)));
    assertTrue(other.code() > 0 && other.message().contains("oci:other"), other.message());
  }

  @Test
  void whoLiesIsRefused() throws Exception {
    Folder folder = new Folder(dockerfile(), "local:/some/folder");
    String digest = exported(folder);
    Map<String, byte[]> honest = Map.copyOf(folder.blobs);
    for (String each : honest.keySet()) {
      Folder liar = new Folder("FROM base\nLABEL b=" + unique + "\n", "oci:layout");
      liar.blobs.putAll(honest);
      byte[] wrong = honest.get(each).clone();
      wrong[wrong.length / 2] ^= 4;
      liar.blobs.put(each, wrong);
      Reply reply = solve(liar, new ProtoWriter().message(7, pair("context:base", "oci-layout://layout@" + digest)));
      boolean isLayer = wrong[0] == 0x1f;
      // The team has the layer already: nobody is asked for it.
      assertEquals(isLayer, reply.code() == 0, each + ": " + reply.message());
      assertTrue(isLayer || reply.message().contains("verification failed"), reply.message());
    }
  }

  @Test
  void whoSendsNothingOrOtherThingsIsRefused() throws Exception {
    Map<String, Folder> hostile = new HashMap<>();
    hostile.put("without bytes", new Folder("FROM base\n", "oci:layout") {
      @Override
      void read(Call call, String digest) {
        for (int i = 0; i < 1000; i++) {
          call.send(new ProtoWriter());
        }
      }
    });
    hostile.put("larger than", new Folder("FROM base\n", "oci:layout") {
      @Override
      void read(Call call, String digest) {
        for (int i = 0; i < 5; i++) {
          call.send(new ProtoWriter().bytes(2, new byte[1 << 20]));
        }
      }
    });
    hostile.put("as scripted", new Folder("FROM base\n", "oci:layout"));
    for (Map.Entry<String, Folder> each : hostile.entrySet()) {
      Reply reply = solve(each.getValue(), new ProtoWriter().message(7, pair("context:base", "oci-layout://layout@sha256:" + "1".repeat(64))));
      assertTrue(reply.code() > 0 && reply.message().contains(each.getKey()), () -> "not " + each.getKey() + ": " + reply.code() + " " + reply.message());
    }
    Folder deaf = new Folder(dockerfile(), "local:/some/folder") {
      @Override
      void write(Call call, byte[] whole) {
        call.end(0);
      }
    };
    Reply ended = solve(deaf, exporting("/some/folder"));
    assertTrue(ended.code() > 0 && ended.message().contains("before its end"), ended.message());
    Reply absent = solve(new Folder(dockerfile(), "local:/some/folder"), exporting("/other"));
    assertTrue(absent.code() > 0 && absent.message().contains("/other"), absent.message());
  }
}
