package dev.tallyman.web;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.account.Accounts;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

@QuarkusTest
class OpenRequestsTest {
  @Inject TestAccounts accounts;
  @Inject Accounts service;

  @Test
  void cutsWhatARevokedTokenKeepsOpen() throws IOException {
    Caller caller = accounts.caller(Role.MEMBER);
    Accounts.NewToken token = service.createToken(caller, "revoked", null);
    try (RawHttp http = openRequest(token.secret())) {
      Instant before = Instant.now();

      service.revokeToken(caller, token.id());

      assertEquals("", http.answer());
      assertTrue(Duration.between(before, Instant.now()).toMillis() < 1000, "cut within a second");
    }
  }

  @Test
  void cutsADisabledAccount() throws IOException {
    Caller caller = accounts.caller(Role.MEMBER);
    try (RawHttp http = openRequest(accounts.tokenOf(caller))) {
      service.update(accounts.admin(), caller.accountName(), null, null, true, null);

      assertEquals("", http.answer());
    }
  }

  @Test
  void leavesWhatOtherCredentialsKeepOpen() throws IOException {
    Caller caller = accounts.caller(Role.MEMBER);
    Accounts.NewToken other = service.createToken(caller, "other", null);
    try (RawHttp http = openRequest(accounts.tokenOf(caller))) {
      service.revokeToken(caller, other.id());
      service.changePassword(caller, TestAccounts.PASSWORD, "another long password");

      assertThrows(SocketTimeoutException.class, () -> http.within(1500).answer());
    }
  }

  @Test
  void letsARequestAnswerThatTookItsOwnCredentialsAway() {
    Caller caller = accounts.caller(Role.MEMBER);
    Visitor visitor = Visitor.with(accounts.sessionOf(caller));
    visitor.page("/ui/tokens");
    // As on a slow machine: these listeners are called by the request's own thread, in their order, before it answers.
    service.onRevoked(account -> sleepIf(account == caller.account()));

    Document page = visitor.postAndFollow("/ui/password", "old", TestAccounts.PASSWORD, "new", "another good password", "again", "another good password");

    assertEquals("Your password was changed.", page.selectFirst(".notice.good p").text());
  }

  private static void sleepIf(boolean wanted) {
    if (wanted) {
      assertDoesNotThrow(() -> Thread.sleep(1500));
    }
  }

  /** A request whose body does not end stays open. */
  private static RawHttp openRequest(String token) throws IOException {
    return new RawHttp(RestAssured.port)
        .send("PUT /api/v1/me/password HTTP/1.1\r\nHost: localhost\r\nX-Tallyman-Token: " + token + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
        .settle();
  }
}
