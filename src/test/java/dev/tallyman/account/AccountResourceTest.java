package dev.tallyman.account;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AccountResourceTest {
  @Inject TestAccounts accounts;
  @Inject Accounts service;

  @Test
  void createsShowsChangesAndRemoves() {
    String name = "anna-" + UUID.randomUUID().toString().substring(0, 6);
    admin().body("{\"name\":\"" + name + "\",\"password\":\"a good long password\",\"role\":\"member\"}").post("/api/v1/accounts").then()
        .statusCode(201).header("Location", containsString("/api/v1/accounts/" + name)).body("role", equalTo("MEMBER")).body("team", equalTo("default"));

    admin().get("/api/v1/accounts").then().statusCode(200).body("name", hasItem(name));
    admin().get("/api/v1/accounts/" + name).then().statusCode(200).body("isDisabled", equalTo(false));
    admin().body("{\"role\":\"VIEWER\",\"isDisabled\":true}").patch("/api/v1/accounts/" + name).then().statusCode(200).body("role", equalTo("VIEWER")).body("isDisabled", equalTo(true));
    admin().delete("/api/v1/accounts/" + name).then().statusCode(204);
    admin().get("/api/v1/accounts/" + name).then().statusCode(404).contentType("application/problem+json");
  }

  @Test
  void refusesTakenNamesBadNamesAndBadPasswords() {
    admin().body("{\"name\":\"admin\",\"password\":\"a good long password\",\"role\":\"MEMBER\"}").post("/api/v1/accounts").then().statusCode(409);
    admin().body("{\"name\":\"Bad Name\",\"password\":\"a good long password\",\"role\":\"MEMBER\"}").post("/api/v1/accounts").then().statusCode(400);
    admin().body("{\"name\":\"bob\",\"password\":\"short\",\"role\":\"MEMBER\"}").post("/api/v1/accounts").then().statusCode(400);
    admin().body("{\"name\":\"bob\",\"password\":\"" + "x".repeat(73) + "\",\"role\":\"MEMBER\"}").post("/api/v1/accounts").then().statusCode(400).body("detail", containsString("72 bytes"));
    admin().body("{\"name\":\"bob\",\"password\":\"a good long password\",\"role\":\"EMPEROR\"}").post("/api/v1/accounts").then().statusCode(400).body("detail", containsString("'role'"));
    admin().get("/api/v1/accounts/bob").then().statusCode(404);
  }

  @Test
  void letsOthersSeeOnlyThemselvesAndChangeNothing() {
    Caller member = accounts.caller(Role.MEMBER);
    String token = accounts.tokenOf(member);

    with(token).get("/api/v1/accounts").then().statusCode(200).body("$", hasSize(1)).body("[0].name", equalTo(member.accountName()));
    with(token).get("/api/v1/accounts/admin").then().statusCode(404);
    with(token).body("{\"name\":\"mallory\",\"password\":\"a good long password\",\"role\":\"ADMINISTRATOR\"}").post("/api/v1/accounts").then().statusCode(403);
    with(token).body("{\"role\":\"ADMINISTRATOR\"}").patch("/api/v1/accounts/" + member.accountName()).then().statusCode(403);
    with(token).delete("/api/v1/accounts/admin").then().statusCode(403);
    given().get("/api/v1/accounts").then().statusCode(401);
  }

  @Test
  void keepsTheLastAdministrator() {
    admin().body("{\"role\":\"MEMBER\"}").patch("/api/v1/accounts/admin").then().statusCode(409).body("detail", containsString("last administrator"));
    admin().body("{\"isDisabled\":true}").patch("/api/v1/accounts/admin").then().statusCode(409);
    admin().delete("/api/v1/accounts/admin").then().statusCode(409);

    assertEquals("admin", accounts.admin().accountName());
  }

  @Test
  void disablingEndsSessionsAndTokensAtOnceAndTellsListeners() {
    Caller member = accounts.caller(Role.MEMBER);
    String token = accounts.tokenOf(member);
    String session = accounts.sessionOf(member);
    with(token).get("/api/v1/me").then().statusCode(200);
    given().cookie("tallyman_session", session).get("/api/v1/me").then().statusCode(200);
    List<Long> cut = Collections.synchronizedList(new ArrayList<>());
    service.onRevoked(cut::add);

    admin().body("{\"isDisabled\":true}").patch("/api/v1/accounts/" + member.accountName()).then().statusCode(200);

    with(token).get("/api/v1/me").then().statusCode(401);
    given().cookie("tallyman_session", session).get("/api/v1/me").then().statusCode(401);
    assertTrue(cut.contains(member.account()));
  }

  @Test
  void mapsUserIdsOfTheHost() {
    Caller member = accounts.caller(Role.MEMBER);
    Origin peer = Origin.ofPeer(4711, 1);
    assertTrue(service.byPeer(peer).isEmpty());

    admin().body("{\"peerUid\":4711}").patch("/api/v1/accounts/" + member.accountName()).then().statusCode(200);
    assertEquals(member.accountName(), service.byPeer(peer).orElseThrow().accountName());
    admin().body("{\"peerUid\":4711}").patch("/api/v1/accounts/" + accounts.caller(Role.MEMBER).accountName()).then().statusCode(409);
    admin().body("{\"peerUid\":-1}").patch("/api/v1/accounts/" + member.accountName()).then().statusCode(200);

    assertTrue(service.byPeer(peer).isEmpty());
  }

  private RequestSpecification admin() {
    return with(accounts.adminToken());
  }

  private static RequestSpecification with(String token) {
    return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
  }
}
