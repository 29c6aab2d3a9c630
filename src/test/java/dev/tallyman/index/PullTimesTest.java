package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class PullTimesTest {
  @Inject TestAccounts accounts;
  @Inject Repositories repositories;
  @Inject IndexStore store;
  @Inject PullTimes pulls;

  private final String mark = "n" + UUID.randomUUID().toString().substring(0, 8);
  private String repository = "";

  @AfterEach
  void removeRepository() {
    as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
  }

  private long shown() {
    return repositories.page(accounts.admin(), mark, "", 1).get(0).pulls();
  }

  @Test
  void everyPullIsCountedOnceWhetherWrittenOrNot() {
    String token = accounts.token(Role.MEMBER);
    repository = accounts.admin().teamName() + "/" + mark;
    String digest = TestIndex.image(token, repository, "a", "[]", "layer of " + mark);
    assertEquals(0, shown());

    IntStream.range(0, 20).parallel().forEach(each -> as(token).get("/v2/" + repository + "/manifests/" + (each % 2 == 0 ? "a" : digest)).then().statusCode(200));
    as(token).head("/v2/" + repository + "/manifests/a").then().statusCode(200);
    assertEquals(20, shown());

    pulls.write();
    assertEquals(0, pulls.unwritten(store.repository(repository).orElseThrow().id()));
    assertEquals(20, shown());
    as(token).get("/v2/" + repository + "/manifests/a").then().statusCode(200);
    assertEquals(21, shown());
  }
}
