package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.SourceServer;
import dev.tallyman.engine.GrpcClient.Reply;
import dev.tallyman.engine.KitClient.Call;
import dev.tallyman.engine.KitClient.Files;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that BuildKit's clients get and give outside of a context: results as a folder or an archive, and contexts that are an archive. */
@QuarkusTest
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BuildKitFilesTest extends EngineTest {
  private static final String SOLVE = "/moby.buildkit.v1.Control/Solve";
  private static final String STATUS = "/moby.buildkit.v1.Control/Status";
  private static final String SEND = "/moby.filesync.v1.FileSend/DiffCopy";
  private static final String PULL = "/moby.upload.v1.Upload/Pull";
  private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method: ";
  private static final String DOCKERFILE = "FROM scratch\nCOPY file /dir/inside\nCOPY file /\n";

  /** A client that gives a build's files and takes its result. */
  private abstract static class Taker extends Files {
    private Call taking;

    Taker() {
      super(DOCKERFILE, List.of(Files.file("file", 5)));
    }

    abstract void take(Call call, byte[] message) throws IOException;

    boolean isTaking(Call call) {
      return call == taking;
    }

    @Override
    public void begun(Call call, String path, Http2Headers headers) {
      if (path.equals(SEND)) {
        taking = call;
      } else {
        super.begun(call, path, headers);
      }
    }

    @Override
    public void message(Call call, byte[] message) {
      if (!isTaking(call)) {
        super.message(call, message);
        return;
      }
      try {
        take(call, message);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A client that takes a folder, as well as a test wants it. */
  private static class Folder extends Taker {
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    void take(Call call, byte[] whole) throws IOException {
      ProtoReader message = new ProtoReader(whole);
      int type = 0;
      ProtoReader stat = null;
      byte[] data = new byte[0];
      for (int field = message.next(); field != 0; field = message.next()) {
        switch (field) {
          case 1 -> type = (int) message.number();
          case 2 -> stat = message.message();
          case 4 -> {
            data = new byte[5];
            message.bytes().get(data);
          }
          default -> message.skip();
        }
      }
      if (type == STAT && stat != null) {
        stat.next();
        told.add(stat.text());
      } else if (type == STAT) {
        toldAll(call);
      } else if (type == DATA && data.length > 0) {
        bytes.writeBytes(data);
      } else if (type == DATA) {
        call.send(new ProtoWriter().number(1, FIN));
      } else {
        call.end(0);
      }
    }

    void toldAll(Call call) {
      call.send(new ProtoWriter().number(1, REQUEST).number(3, told.indexOf("dir/inside")));
    }
  }

  private Reply solve(KitClient.Script script, String type, Map<String, String> attributes) throws Exception {
    String ref = UUID.randomUUID().toString(); // as clients do: the server may not have seen yet that the last session is over
    String head = "X-Tallyman-Token: " + accounts.adminToken() + "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: " + ref + "\r\n";
    String methods = METHOD + "/moby.filesync.v1.FileSync/DiffCopy\r\n" + METHOD + SEND + "\r\n" + METHOD + PULL + "\r\n";
    try (KitClient session = new KitClient(RestAssured.port, head + methods, script); GrpcClient client = new GrpcClient(RestAssured.port, accounts.adminToken())) {
      assertEquals(101, session.status());
      String job = UUID.randomUUID().toString();
      ProtoWriter request = new ProtoWriter().text(1, job).text(5, ref).text(6, "dockerfile.v0");
      attributes.forEach((key, value) -> request.message(7, new ProtoWriter().text(1, key).text(2, value)));
      Reply reply = client.call(SOLVE, type.isEmpty() ? request : request.message(13, new ProtoWriter().text(1, type)));
      // What nobody has watched counts for a while as one of the account's builds.
      client.call(STATUS, new ProtoWriter().text(1, job));
      return reply;
    }
  }

  private static void refused(String words, Reply reply) {
    assertTrue(reply.code() > 0 && reply.message().contains(words), () -> "not " + words + ": " + reply.code() + " " + reply.message());
  }

  @Test
  void aResultAsAFolder() throws Exception {
    Folder folder = new Folder();
    Reply reply = solve(folder, "local", Map.of());
    assertEquals(0, reply.code(), reply.message());
    assertEquals(List.of("dir", "dir/inside", "file"), folder.told);
    assertEquals("bytes", folder.bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aFolderThatBreaksTheRules() throws Exception {
    for (long id : new long[] {-1, 0, 3, Integer.MAX_VALUE}) {
      Folder asking = new Folder() {
        @Override
        void toldAll(Call call) {
          call.send(new ProtoWriter().number(1, REQUEST).number(3, id));
        }
      };
      refused("asks for a file that there is not", solve(asking, "local", Map.of()));
    }
    Map<ProtoWriter, String> packets =
        Map.of(
            new ProtoWriter().number(1, 4).bytes(4, "disk on fire".getBytes(StandardCharsets.UTF_8)), "disk on fire", new ProtoWriter().number(1, 9), "no place in a transfer",
            new ProtoWriter().bytes(1, new byte[] {1}), "damaged");
    for (Map.Entry<ProtoWriter, String> each : packets.entrySet()) {
      Folder sending = new Folder() {
        @Override
        void toldAll(Call call) {
          call.send(each.getKey());
        }
      };
      refused(each.getValue(), solve(sending, "local", Map.of()));
    }
    Folder twice = new Folder() {
      @Override
      void toldAll(Call call) {
        super.toldAll(call);
        super.toldAll(call);
      }
    };
    refused("asks for 'dir/inside' a second time", solve(twice, "local", Map.of()));
    Folder endless = new Folder() {
      @Override
      void toldAll(Call call) {
        for (int i = 0; i < 100; i++) {
          call.send(new ProtoWriter().number(1, FIN));
        }
      }
    };
    refused("does not end the transfer", solve(endless, "local", Map.of()));
    Folder ending = new Folder() {
      @Override
      void toldAll(Call call) {
        call.end(0);
      }
    };
    refused("before its end", solve(ending, "local", Map.of()));
  }

  @Test
  void aResultAsAnArchive() throws Exception {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    Files script = new Taker() {
      @Override
      void take(Call call, byte[] message) throws IOException {
        ProtoReader reader = new ProtoReader(message);
        reader.next();
        byte[] piece = new byte[message.length];
        int count = reader.bytes().get(piece, 0, 0).remaining();
        archive.write(message, message.length - count, count);
      }

      @Override
      public void ended(Call call) {
        if (isTaking(call)) {
          call.end(0);
        }
      }
    };
    Reply reply = solve(script, "tar", Map.of());
    assertEquals(0, reply.code(), reply.message());
    List<String> names = new ArrayList<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive.toByteArray()))) {
      for (TarArchiveEntry each = tar.getNextEntry(); each != null; each = tar.getNextEntry()) {
        names.add(each.getName());
      }
    }
    assertTrue(names.stream().anyMatch(each -> each.endsWith("dir/inside")), names.toString());
  }

  /** A client that gives an archive away, whole or not. */
  private static Files giving(byte[] archive, int code) {
    return new Files("", List.of()) {
      @Override
      public void begun(Call call, String path, Http2Headers headers) {
        if (!path.equals(PULL) || !String.valueOf(headers.get("urlpath")).equals("/abc1")) {
          call.end(12);
          return;
        }
        call.send(new ProtoWriter().bytes(1, archive));
        call.end(code);
      }
    };
  }

  @Test
  void aContextThatIsAnArchive() throws Exception {
    byte[] text = "FROM busybox\nLABEL from=archive\n".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("Dockerfile");
      entry.setSize(text.length);
      tar.putArchiveEntry(entry);
      tar.write(text);
      tar.closeArchiveEntry();
    }
    Map<String, String> attributes = Map.of("context", "http://buildkit-session/abc1");
    Reply reply = solve(giving(bytes.toByteArray(), 0), "moby", attributes);
    assertEquals(0, reply.code(), reply.message());
    refused("as scripted", solve(giving(bytes.toByteArray(), 13), "moby", attributes));
    refused("cannot read the build context", solve(giving("no archive at all".repeat(100).getBytes(StandardCharsets.UTF_8), 0), "moby", attributes));
    refused("not supported", solve(giving(bytes.toByteArray(), 0), "moby", Map.of("context", "http://buildkit-session/../x")));
  }

  @Test
  void anArchiveThatNeverComes() throws Exception {
    Files script = new Files("", List.of()) {
      @Override
      public void begun(Call call, String path, Http2Headers headers) {
        for (int i = 0; i < 200; i++) {
          call.send(new ProtoWriter());
        }
      }
    };
    refused("messages without bytes", solve(script, "moby", Map.of("context", "http://buildkit-session/abc1")));
  }

  @Test
  void aContextAtAnAddress() throws Exception {
    try (SourceServer server = new SourceServer()) {
      server.serve("/Dockerfile", "FROM busybox\nLABEL from=address\n");
      Map<String, String> elsewhere = Map.of("context", server.url("/Dockerfile"));
      Reply reply = solve(giving(new byte[0], 0), "moby", elsewhere);
      assertEquals(0, reply.code(), reply.message());
      refused("invalid response status 404", solve(giving(new byte[0], 0), "moby", Map.of("context", server.url("/none"))));
      refused("is not a public one", solve(giving(new byte[0], 0), "moby", Map.of("context", "http://169.254.169.254/x.git")));
      refused("not supported", solve(giving(new byte[0], 0), "moby", Map.of("context", server.url("/Dockerfile"), "dockerfilekey", "dockerfile")));
    }
  }
}
