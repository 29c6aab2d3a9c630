package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

/** {@code docker cp}: statuses, texts and headers as dockerd gives them. */
@QuarkusTest
class ArchiveApiTest extends EngineTest {
  static byte[] archive(String... namesAndContents) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        byte[] content = namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
        boolean isLink = namesAndContents[i + 1].startsWith("->");
        TarArchiveEntry entry = isLink ? new TarArchiveEntry(namesAndContents[i], TarConstants.LF_SYMLINK) : new TarArchiveEntry(namesAndContents[i]);
        entry.setMode(entry.isDirectory() ? 0755 : 04644);
        entry.setIds(33, 44);
        entry.setModTime(1_600_000_000_000L);
        if (isLink) {
          entry.setLinkName(namesAndContents[i + 1].substring(2));
        }
        entry.setSize(isLink ? 0 : content.length);
        tar.putArchiveEntry(entry);
        tar.write(isLink ? new byte[0] : content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void theWorkingFolderIsThereBeforeTheFirstStart() throws IOException {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"WorkingDir\":\"/home/ä/" + "x".repeat(200) + "/bar\"}");
    String odd = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"WorkingDir\":\"/bin/sh/below\"}");
    String none = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}");

    assertEquals(200, put(id, "/home/%C3%A4/" + "x".repeat(200) + "/bar", archive("file", "1")).status());
    assertEquals(200, get(id, "/home/%C3%A4/" + "x".repeat(200) + "/bar/file").status());
    assertEquals(404, get(none, "/home").status());
    assertEquals(200, get(odd, "/bin/sh").status(), "what is in its way stays; the start tells");
    String changed = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"WorkingDir\":\"/work//space/\"}");
    assertTrue(engine.get("/containers/" + changed + "/changes").text().contains("/work/space"));
  }

  private EngineClient.Reply put(String id, String query, byte[] body) {
    return engine.send("PUT", "/containers/" + id + "/archive?path=" + query, "application/x-tar", body);
  }

  private EngineClient.Reply get(String id, String path) {
    return engine.get("/containers/" + id + "/archive?path=" + path);
  }

  private static JsonNode stat(EngineClient.Reply reply) throws IOException {
    return new ObjectMapper().readTree(Base64.getDecoder().decode(reply.headers().get("x-docker-container-path-stat")));
  }

  private static Map<String, String> entries(EngineClient.Reply reply) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(reply.body()))) {
      TarArchiveEntry next;
      while ((next = tar.getNextEntry()) != null) {
        all.put(next.getName(), Integer.toOctalString(next.getMode() & 07777) + " " + next.getLongUserId() + " " + new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return all;
  }

  private static void refused(EngineClient.Reply reply, int status, String message) {
    assertEquals(status, reply.status(), reply.text());
    assertEquals(message, reply.message());
  }

  @Test
  @Covers({"PUT /containers/{id}/archive", "GET /containers/{id}/archive"})
  void goesInAndComesOutAgain() throws IOException {
    String id = createShell("true");

    assertEquals(200, put(id, "/", archive("d/", "", "d/f", "hello", "l", "->/d/f")).status());

    EngineClient.Reply out = get(id, "/d");
    assertEquals(200, out.status(), out.text());
    assertEquals("application/x-tar", out.headers().get("content-type"));
    assertEquals(Map.of("d/", "755 33 ", "d/f", "4644 33 hello"), entries(out));
    assertEquals("{\"name\":\"d\",\"size\":0,\"mode\":2147484141,\"mtime\":\"2020-09-13T12:26:40.000000000Z\",\"linkTarget\":\"\"}", stat(out).toString());
    assertEquals("5 8389028", stat(get(id, "/d/f")).get("size").asText() + " " + stat(get(id, "/d/f")).get("mode").asText());
  }

  @Test
  @Covers("HEAD /containers/{id}/archive")
  void looksWithoutABody() throws IOException {
    String id = createShell("true");
    put(id, "/", archive("d/", "", "d/f", "hello", "l", "->/d/f"));

    EngineClient.Reply link = engine.send("HEAD", "/containers/" + id + "/archive?path=/l", null, null);

    assertEquals(200, link.status());
    assertEquals("/d/f", stat(link).get("linkTarget").asText());
    assertEquals(1L << 27, stat(link).get("mode").asLong() & 1L << 27);
    EngineClient.Reply absent = engine.send("HEAD", "/containers/" + id + "/archive?path=/nope", null, null);
    assertEquals(404, absent.status());
    assertNull(absent.headers().get("x-docker-container-path-stat"));
  }

  @Test
  void refusesAsDockerd() throws IOException {
    String id = createShell("true");
    put(id, "/", archive("d/", "", "d/f", "hello"));

    refused(get(id, "/nope"), 404, "Could not find the file /nope in container " + id);
    refused(get("nobody", "/"), 404, "No such container: nobody");
    refused(get(id, ""), 400, "bad parameter: path cannot be empty");
    refused(get(id, "/d/f/"), 400, "/d/f: not a directory");
    refused(put(id, "/nope", archive("x", "x")), 404, "Could not find the file /nope in container " + id);
    refused(put(id, "/d/f", archive("x", "x")), 400, "extraction point is not a directory");
    refused(put(id, "/d", archive("../x", "x")), 400, "\"../x\" is outside of \"/d\"");
    refused(put(id, "/&noOverwriteDirNonDir=true", archive("d", "x")), 400, "cannot overwrite directory \"/d\" with non-directory \"/\"");
    refused(put(id, "/d&noOverwriteDirNonDir=1", archive("f/", "")), 400, "cannot overwrite non-directory \"/d/f\" with directory \"/d\"");
    assertEquals(200, put(id, "/d&noOverwriteDirNonDir=false", archive("f/", "")).status());
  }

  @Test
  void refusesToWriteToAReadOnlyRoot() throws IOException {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"ReadonlyRootfs\":true}}");

    refused(put(id, "/", archive("x", "x")), 403, "container rootfs is marked read-only");
    start(id);
    refused(put(id, "/", archive("x", "x")), 403, "container rootfs is marked read-only");

    assertEquals(200, get(id, "/").status());
  }

  @Test
  void takesPackedArchivesAndNone() throws IOException {
    String id = createShell("true");
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(archive("packed", "yes"));
    }

    assertEquals(200, put(id, "/", packed.toByteArray()).status());
    assertEquals(200, put(id, "/", new byte[0]).status());

    assertEquals(Map.of("packed", "4644 33 yes"), entries(get(id, "/packed")));
  }

  @Test
  void givesFilesToTheUserOfTheContainerWhenAsked() throws IOException {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"User\":\"77:78\"}");

    put(id, "/&copyUIDGID=true", archive("f", "x"));

    assertEquals(Map.of("f", "4644 77 x"), entries(get(id, "/f")));
  }

  @Test
  void isToldAsEventsAndOnRecord() throws IOException {
    String id = createShell("true");

    put(id, "/", archive("f", "x"));
    get(id, "/f");

    String events = engine.get("/events?since=0&until=" + (System.currentTimeMillis() / 1000 + 1) + "&filters=%7B%22container%22%3A%5B%22" + id + "%22%5D%7D").text();
    assertTrue(events.contains("\"extract-to-dir\""), events);
    assertTrue(events.contains("\"archive-path\""), events);
    String timeline = engine.get("/api/v1/containers/" + id + "/timeline").text();
    assertTrue(timeline.contains("copy-in") && timeline.contains("copy-out"), timeline);
  }

  @Test
  void ofAContainerThatNeverRanAreAChange() throws IOException {
    String id = createShell("true");

    put(id, "/", archive("f", "x"));

    assertEquals("[{\"Path\":\"/f\",\"Kind\":1}]", engine.get("/containers/" + id + "/changes").text());
    assertTrue(engine.get("/containers/" + id + "/export").text().contains("f\0"));
  }
}
