package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.build.remote.SourceClient;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** T28: a server says whether a file has changed, honestly or not; nobody but those whom it gave the file has anything of it. */
@QuarkusTest
@Timeout(60)
class RemoteCopiesTest {
  @Inject SourceClient client;
  @Inject ContextIntake intake;
  @Inject FetchedLimits limits;
  @Inject TestAccounts accounts;
  @TempDir Path folder;

  private final List<String> conditions = Collections.synchronizedList(new ArrayList<>());
  private SourceServer server;
  private RemoteCopies copies;
  private RemoteFiles files;
  private Caller caller;

  @BeforeEach
  void start() throws IOException {
    server = new SourceServer();
    Files.createDirectories(folder.resolve("server").resolve("builds")); // where the disk's room is asked for
    caller = accounts.caller(Role.MEMBER);
    with(limits);
  }

  private void with(FetchedLimits own) {
    copies = new RemoteCopies(folder, own);
    files = new RemoteFiles(client, intake, copies);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Answers 304 to whoever names the state that it is in. @param headers name, value … */
  private void serve(String path, String body, String... headers) {
    server.answer(path, exchange -> {
      String match = exchange.getRequestHeaders().getFirst("If-None-Match");
      String since = exchange.getRequestHeaders().getFirst("If-Modified-Since");
      conditions.add(match + " " + since);
      boolean isSame = false;
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
        isSame |= headers[i + 1].equals(match) || headers[i + 1].equals(since);
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(isSame ? 304 : 200, isSame ? -1 : bytes.length);
      if (!isSame) {
        exchange.getResponseBody().write(bytes);
      }
    });
  }

  private String fetch(String address, long team, String checksum) {
    Found found = files.file(RemoteUrl.parse(address), checksum, team, new Cancellation());
    try (Context context = found.from()) {
      return found.name() + " " + new String(context.open(found.node()).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String fetch(String path) {
    return fetch(server.url(path), 1, "");
  }

  @Test
  void whatHasNotChangedDoesNotComeAgain() {
    serve("/f", "one", "ETag", "\"a\"");
    assertEquals(List.of("f one", "f one"), List.of(fetch("/f"), fetch("/f")));
    serve("/f", "two", "ETag", "\"b\"");
    assertEquals(List.of("f two", "f two"), List.of(fetch("/f"), fetch("/f")));
    serve("/old", "three", "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
    assertEquals(List.of("old three", "old three"), List.of(fetch("/old"), fetch("/old")));

    assertEquals(List.of("null null", "\"a\" null", "\"a\" null", "\"b\" null", "null null", "null Wed, 21 Oct 2015 07:28:00 GMT"), conditions);
  }

  @Test
  void whatCannotBeToldApartComesAgain() {
    String now = DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atZone(ZoneOffset.UTC));
    List<String[]> unsure =
        List.of(
            new String[] {"Last-Modified", now}, new String[] {"ETag", "no quotes"}, new String[] {"ETag", "\"" + "x".repeat(300) + "\""}, new String[] {"ETag", "\"a\"", "Cache-Control", "No-Store"},
            new String[] {});
    for (String[] headers : unsure) {
      serve("/f", "one", headers);
      fetch("/f");
      fetch("/f");
    }

    assertEquals(Collections.nCopies(2 * unsure.size(), "null null"), conditions);
    assertEquals(List.of(), copies.list(caller));
  }

  @Test
  void noOtherTeamOrLogInHasTheCopy() {
    serve("/f", "one", "ETag", "\"a\"");
    String address = server.url("/f");
    fetch(address, 1, "");
    fetch(address, 2, "");
    fetch(address.replace("//", "//rita:secret@"), 1, "");
    fetch(address.replace("//", "//rita:other@"), 1, "");
    assertEquals(Collections.nCopies(4, "null null"), conditions);

    fetch(address.replace("//", "//rita:secret@"), 1, "");
    assertEquals("\"a\" null", conditions.get(4));
  }

  @Test
  void onlyWhoWasAskedMaySayThatNothingChanged() {
    server.answer("/lie", exchange -> exchange.sendResponseHeaders(304, -1));
    TallymanException refusal = assertThrows(TallymanException.class, () -> fetch("/lie"));
    assertTrue(refusal.getMessage().contains("304"), refusal.getMessage());

    // Where an address leads on to decides, not the address.
    serve("/real", "one", "ETag", "\"a\"");
    server.redirect("/f", "/real");
    fetch("/f");
    fetch("/f");
    assertEquals(List.of("null null", "\"a\" null"), conditions);
    serve("/other", "two", "ETag", "\"a\"");
    server.redirect("/f", "/other");
    assertEquals("f two", fetch("/f"));
    assertEquals("null null", conditions.get(2));
  }

  @Test
  void aChecksumIsOfTheBytesWhateverTheServerSays() {
    serve("/f", "one", "ETag", "\"a\"");
    fetch("/f");
    serve("/f", "two", "ETag", "\"a\"");
    assertEquals("f one", fetch("/f"), "the server lied, as it may about its own file");
    String two = "sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

    assertEquals("f two", fetch(server.url("/f"), 1, two));
    assertEquals("f two", fetch(server.url("/f"), 1, two));
    TallymanException wrong = assertThrows(TallymanException.class, () -> fetch(server.url("/f"), 1, "sha256:" + "0".repeat(64)));
    assertEquals(ErrorKind.INVALID, wrong.kind());
  }

  @Test
  void listsAndForgetsThem() {
    serve("/f", "one", "ETag", "\"a\"");
    fetch(server.url("/f"), caller.team(), "");
    Builds.CachedStep shown = copies.list(caller).get(0);
    assertEquals(List.of("http source for " + server.url("/f"), 3L, "source.http"), List.of(shown.description(), shown.bytes(), shown.type()));
    assertEquals(List.of(), copies.list(accounts.stranger(Role.MEMBER)));

    assertEquals(List.of(shown.id()), copies.prune(caller, Instant.now().plusSeconds(1), 0, id -> true).ids());
    assertEquals(List.of(), copies.list(caller));
  }

  @Test
  void keepsNoMoreThanItsBounds() {
    with(
        (FetchedLimits) Proxy.newProxyInstance(
            FetchedLimits.class.getClassLoader(), new Class<?>[] {FetchedLimits.class},
            (self, method, given) -> switch (method.getName()) {
              case "keptTeamMax" -> new MemorySize(BigInteger.valueOf(10));
              case "keptCountMax" -> 3;
              default -> method.invoke(limits, given);
            }));
    for (String path : List.of("/a", "/b", "/c")) {
      serve(path, "1234", "ETag", "\"a\"");
      fetch(server.url(path), caller.team(), "");
    }
    serve("/large", "12345678901", "ETag", "\"a\"");
    fetch(server.url("/large"), caller.team(), "");

    assertEquals(List.of("http source for " + server.url("/b"), "http source for " + server.url("/c")), copies.list(caller).stream().map(Builds.CachedStep::description).toList());
    for (int team = 100; team < 105; team++) {
      fetch(server.url("/a"), team, "");
    }
    assertEquals(List.of(), copies.list(caller));
  }
}
