package dev.tallyman.dashboard.account;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class StoredLoginPagesTest {
  private static final String PASSWORD = "s3cret-of-rita";
  private static final String ACCEPTED = "Basic " + Base64.getEncoder().encodeToString(("rita:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

  @Inject TestAccounts accounts;

  private HttpServer registry;
  private String host;

  @BeforeEach
  void start() throws IOException {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
          exchange.sendResponseHeaders(ACCEPTED.equals(exchange.getRequestHeaders().getFirst("Authorization")) ? 200 : 401, -1);
          exchange.close();
        });
    registry.start();
    host = "127.0.0.1:" + registry.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    registry.stop(0);
  }

  @Test
  void storesTestsAndRemovesAndShowsNoPassword() {
    Visitor rita = Visitor.with(accounts.session(Role.MEMBER));
    assertNotNull(rita.page("/ui/images").selectFirst(".account a[href=/ui/logins]"), "the way there is the account's menu");
    assertNotNull(rita.page("/ui/logins").selectFirst(".empty"));

    Response wrong = rita.post("/ui/logins", "registry", host, "user", "rita", "password", "wrong-one");
    assertEquals(403, wrong.statusCode());
    Document again = Jsoup.parse(wrong.asString());
    assertNotNull(again.selectFirst(".notice.bad"));
    assertEquals(host, again.selectFirst("#registry").val());
    assertEquals("rita", again.selectFirst("#user").val());
    assertFalse(wrong.asString().contains("wrong-one"));

    Document stored = rita.postAndFollow("/ui/logins", "registry", " " + host + " ", "user", "rita", "password", PASSWORD);
    assertEquals(host + " accepted rita; the log-in is stored.", stored.selectFirst(".notice.good p").text());
    assertEquals(host + " rita", stored.selectFirst("#logins td.name").text() + " " + stored.selectFirst("#logins td + td").text());
    assertFalse(stored.html().contains(PASSWORD));

    assertNotNull(rita.postAndFollow("/ui/logins/check", "registry", host).selectFirst(".notice.good"));
    assertNotNull(rita.postAndFollow("/ui/logins/remove", "registry", host).selectFirst(".empty"));
    assertTrue(rita.postAndFollow("/ui/logins/remove", "registry", host).selectFirst(".notice.bad p").text().contains("you have stored none"));
  }

  @Test
  void othersSeeNothingOfIt() {
    Caller rita = accounts.caller(Role.MEMBER);
    Visitor.with(accounts.sessionOf(rita)).postAndFollow("/ui/logins", "registry", host, "user", "rita", "password", PASSWORD);

    for (Role role : Role.values()) {
      Visitor other = Visitor.with(accounts.session(role));
      assertNotNull(other.page("/ui/logins").selectFirst("#logins .empty"));
      assertNotNull(other.postAndFollow("/ui/logins/check", "registry", host).selectFirst(".notice.bad"));
      assertNotNull(other.postAndFollow("/ui/logins/remove", "registry", host).selectFirst(".notice.bad"));
    }
    Document viewer = Visitor.with(accounts.session(Role.VIEWER)).page("/ui/logins");
    assertNull(viewer.selectFirst("#new"));
    assertEquals(1, Visitor.with(accounts.sessionOf(rita)).page("/ui/logins").select("#logins tbody tr").size());
  }
}
