package dev.tallyman.log;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.container.Containers;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@QuarkusTest
class LogResourceTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers boxes;
  @Inject Containers containers;

  private RequestSpecification as(Caller caller) {
    return given().header("X-Tallyman-Token", accounts.tokenOf(caller));
  }

  @Test
  void givesWhatAContainerWrote() {
    Caller caller = accounts.caller(Role.MEMBER);
    String id = boxes.finished(caller, "sh", "-c", "echo one; echo two >&2; echo three");
    String path = "/api/v1/containers/" + id + "/logs";

    as(caller).get(path).then().statusCode(200).contentType("text/plain").body(equalTo("one\ntwo\nthree\n"));
    as(caller).get(path + "?stream=stderr").then().body(equalTo("two\n"));
    as(caller).get(path + "?tail=1").then().body(equalTo("three\n"));
    as(caller).get(path + "?tail=2&timestamps=true").then().body(matchesPattern("(?s)(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z \\w+\n){2}"));
    as(caller).get(path + "?since=4000000000").then().statusCode(200).body(equalTo(""));
    as(caller).get(path + "?follow=true").then().body(equalTo("one\ntwo\nthree\n"));
  }

  @Test
  void followsUntilTheContainerEnds() throws Exception {
    Caller caller = accounts.caller(Role.MEMBER);
    String id = boxes.running(caller, "sh", "-c", "echo begin; sleep 100; echo end");
    CompletableFuture<String> following = CompletableFuture.supplyAsync(() -> as(caller).get("/api/v1/containers/" + id + "/logs?follow=true").asString());
    Thread.sleep(200); // whether the reader came before the end must make no difference to what it gets

    containers.kill(caller, id, "KILL");

    assertEquals("begin\n", following.get(20, TimeUnit.SECONDS));
  }

  @Test
  void refusesWrongQueriesAndForeignContainers() {
    Caller caller = accounts.caller(Role.MEMBER);
    String id = boxes.finished(caller, "true");
    String path = "/api/v1/containers/" + id + "/logs";

    as(caller).get(path + "?tail=-1").then().statusCode(400).body("detail", containsString("tail"));
    as(caller).get(path + "?tail=x").then().statusCode(400);
    as(caller).get(path + "?since=yesterday").then().statusCode(400).body("detail", containsString("since"));
    as(caller).get(path + "?stream=both").then().statusCode(400).body("detail", containsString("stream"));
    as(caller).get("/api/v1/containers/absent/logs").then().statusCode(404);
    given().get(path).then().statusCode(401);
  }

  @Test
  void givesCountersOfARunningContainerAndZeroesOfAnother() {
    Caller caller = accounts.caller(Role.MEMBER);
    String running = boxes.running(caller, "sleep", "100");
    String ended = boxes.finished(caller, "true");

    as(caller).get("/api/v1/containers/" + running + "/stats").then().statusCode(200).body("containerId", equalTo(running)).body("memoryBytes", equalTo(7 << 20)).body("pids", equalTo(1)).body("memoryLimitBytes", greaterThan(0L));
    as(caller).get("/api/v1/containers/" + ended + "/stats").then().statusCode(200).body("memoryBytes", equalTo(0));
    as(caller).get("/api/v1/containers/absent/stats").then().statusCode(404);
    assertEquals(200, as(accounts.caller(Role.VIEWER)).get("/api/v1/containers/" + running + "/stats").statusCode());
    containers.kill(caller, running, "KILL");
  }
}
