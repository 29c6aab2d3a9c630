package dev.tallyman.dashboard.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.account.Accounts;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@Timeout(30)
class ConsoleTest {
  @Inject TestAccounts accounts;
  @Inject Accounts accountService;
  @Inject Containers containers;
  @Inject Images images;
  @TestHTTPResource URI server;

  private final HttpClient client = HttpClient.newHttpClient();
  private Caller member;
  private String container;

  @BeforeEach
  void aRunningContainer() {
    member = accounts.caller(Role.MEMBER);
    TinyImage.make(images, accounts.admin(), "busybox:latest");
    String name = "c" + UUID.randomUUID().toString().substring(0, 8);
    container = containers.create(member, ContainerSpec.of(name, "busybox:latest", List.of("sleep", "1000"))).id();
    containers.start(member, container);
  }

  @Test
  void typedBytesReachTheCommandAndItsOutputComesBack() throws InterruptedException {
    Page page = new Page();
    WebSocket socket = open(page, accounts.sessionOf(member), "cat", null).join();

    socket.sendText("{\"rows\":40,\"columns\":132}", true).join();
    socket.sendBinary(ByteBuffer.wrap("tally\n".getBytes(StandardCharsets.UTF_8)), true).join();

    page.awaitOutput("tally");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  @Test
  void theExitCodeIsTheLastMessage() throws InterruptedException {
    Page page = new Page();
    open(page, accounts.sessionOf(member), "sh%20-c%20'exit%203'", null).join();

    assertEquals("{\"exit\":3}", page.awaitText());
    assertTrue(page.closed.await(10, TimeUnit.SECONDS));
  }

  @Test
  void whatIsRefusedIsSaid() throws InterruptedException {
    Page unclosed = new Page();
    open(unclosed, accounts.sessionOf(member), "sh%20'", null).join();
    assertTrue(unclosed.awaitText().contains("the quote ' at position 4 is not closed"));

    Page viewer = new Page();
    open(viewer, accounts.sessionOf(accounts.caller(Role.VIEWER)), "sh", null).join();
    assertTrue(viewer.awaitText().startsWith("{\"refused\":"));
  }

  @Test
  void aMessageThatIsNoSizeEndsIt() throws InterruptedException {
    Page page = new Page();
    WebSocket socket = open(page, accounts.sessionOf(member), "cat", null).join();

    socket.sendText("{\"rows\":\"many\"}", true).join();

    assertTrue(page.closed.await(10, TimeUnit.SECONDS));
  }

  @Test
  void foreignPagesAndStrangersAreRefused() {
    CompletionException foreign = assertThrows(CompletionException.class, () -> open(new Page(), accounts.sessionOf(member), "sh", "http://elsewhere.example").join());
    assertEquals(403, assertInstanceOf(WebSocketHandshakeException.class, foreign.getCause()).getResponse().statusCode());

    CompletionException stranger = assertThrows(CompletionException.class, () -> open(new Page(), "nobody", "sh", null).join());
    assertInstanceOf(WebSocketHandshakeException.class, stranger.getCause());
  }

  @Test
  void aPlainRequestIsToldWhatThePathSpeaks() throws IOException, InterruptedException {
    HttpRequest plain = HttpRequest.newBuilder(server.resolve(path("sh"))).header("Cookie", "tallyman_session=" + accounts.sessionOf(member)).build();

    assertEquals(400, client.send(plain, HttpResponse.BodyHandlers.ofString()).statusCode());
  }

  @Test
  void anEndedSessionEndsItsConsoles() throws InterruptedException {
    Page page = new Page();
    open(page, accounts.sessionOf(member), "cat", null).join();

    accountService.remove(accounts.admin(), member.accountName());

    assertTrue(page.closed.await(10, TimeUnit.SECONDS));
  }

  private String path(String command) {
    return "/ui/containers/" + container + "/console/socket?rows=24&columns=80&command=" + command;
  }

  private CompletableFuture<WebSocket> open(Page page, String session, String command, String origin) {
    URI address = URI.create(server.resolve(path(command)).toString().replaceFirst("^http", "ws"));
    WebSocket.Builder builder = client.newWebSocketBuilder().header("Cookie", "tallyman_session=" + session);
    if (origin != null) {
      builder.header("Origin", origin);
    }
    return builder.buildAsync(address, page);
  }

  /** What a page is sent. */
  private static final class Page implements WebSocket.Listener {
    private final LinkedBlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    String awaitText() throws InterruptedException {
      return String.valueOf(texts.poll(10, TimeUnit.SECONDS));
    }

    void awaitOutput(String wanted) throws InterruptedException {
      StringBuilder seen = new StringBuilder();
      while (!seen.toString().contains(wanted)) {
        String next = output.poll(10, TimeUnit.SECONDS);
        assertTrue(next != null, () -> "no more output after: " + seen);
        seen.append(next);
      }
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean isLast) {
      texts.add(text.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean isLast) {
      output.add(StandardCharsets.UTF_8.decode(bytes).toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.countDown();
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      closed.countDown();
    }
  }
}
