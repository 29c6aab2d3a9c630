package dev.tallyman.system;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.tallyman.container.Containers;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
class DiskResourceTest {
  private static final String DISK = "/api/v1/system/disk";

  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @Inject Volumes volumes;

  private final String name = "d" + UUID.randomUUID().toString().substring(0, 8);

  private RequestSpecification as(Caller caller) {
    return given().header("X-Tallyman-Token", accounts.tokenOf(caller));
  }

  @Test
  void countsWhatTheCallerHas() {
    Caller member = accounts.caller(Role.MEMBER);
    String id = containers.finished(member, "true");
    volumes.create(member, Volumes.NewVolume.named(name));

    as(member).get(DISK).then().statusCode(200).body("images.count", greaterThan(0)).body("images.bytes", greaterThan(0)).body("fileSystem", nullValue()).body("items", nullValue());
    as(member).queryParam("verbose", true).get(DISK).then().statusCode(200)
        .body("items.containers.id", hasItem(id)).body("items.volumes.find { it.name == '" + name + "' }.containers", equalTo(0))
        .body("items.images.find { it.tags.contains('testbox:latest') }.isUnused", equalTo(false));

    all.remove(member, id, true, true);
    volumes.remove(member, name, false);
    as(member).queryParam("verbose", true).get(DISK).then().statusCode(200).body("items.containers.id", not(hasItem(id))).body("items.volumes.name", not(hasItem(name)));
  }

  @Test
  void showsTheFileSystemToAdministratorsOnly() {
    as(accounts.caller(Role.ADMINISTRATOR)).get(DISK).then().statusCode(200).body("fileSystem.bytes", greaterThan(0L)).body("fileSystem.freeBytes", greaterThan(0L));
    as(accounts.caller(Role.VIEWER)).get(DISK).then().statusCode(200).body("fileSystem", nullValue());
    as(accounts.caller(Role.VIEWER)).queryParam("verbose", "maybe").get(DISK).then().statusCode(200).body("items", nullValue());
  }
}
