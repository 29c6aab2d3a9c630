package dev.tallyman.event;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class KeptEventsTest {
  @Inject KeptEvents events;
  @Inject EventJournal journal;
  @Inject EventStore store;
  @Inject TestAccounts accounts;
  private Caller admin;
  private Instant start;

  @BeforeEach
  void prepare() {
    admin = accounts.admin();
    start = Instant.now();
  }

  private Event event(int number) {
    return new Event(admin, "container", "start", "kept" + number, admin.team(), Map.of("name", "web" + number), start.plusNanos(number + 1));
  }

  private List<String> past(Events from, Instant since, Instant until) throws IOException {
    List<String> ids = new ArrayList<>();
    from.past(since, until, each -> {
      if (each.id().startsWith("kept")) {
        ids.add(each.id());
      }
    });
    return ids;
  }

  @Test
  void remembersMoreThanTheRingInOrder() throws IOException {
    List<String> published = new ArrayList<>();
    for (int i = 0; i < KeptEvents.CAPACITY + 10; i++) {
      events.publish(event(i));
      published.add("kept" + i);
    }

    assertEquals(published, past(events, start, null));
    assertEquals(published.subList(3, 7), past(events, start.plusNanos(4), start.plusNanos(7)));
    assertEquals(KeptEvents.CAPACITY, events.since(Instant.EPOCH).size());
  }

  @Test
  void aServerThatStartsKnowsWhatWasBefore() throws IOException {
    events.publish(event(1));
    events.publish(event(2));
    journal.flush();
    KeptEvents restarted = new KeptEvents(journal);

    assertEquals(List.of("kept1", "kept2"), past(restarted, start, null));
    assertEquals(List.of("kept2"), restarted.newest(each -> each.id().startsWith("kept"), Long.MAX_VALUE, 1).stream().map(Event::id).toList());
    assertTrue(journal.last() > 0);
  }

  @Test
  void keepsWhatWasSaidExactly() throws IOException {
    Instant at = start.plusNanos(123);
    events.publish(new Event(admin, "container", "exec_create: sh -c \"é\"", "kept", admin.team(), Map.of("name", "wéb", "label", "a=b", Event.WAY, "no way"), at));
    journal.flush();

    Event kept = new KeptEvents(journal).newest(each -> each.id().equals("kept"), Long.MAX_VALUE, 1).get(0);

    assertEquals(at, kept.at());
    assertEquals("exec_create: sh -c \"é\"", kept.action());
    assertEquals(Map.of("name", "wéb", "label", "a=b", Event.ACCOUNT, admin.accountName(), Event.WAY, admin.way().name().toLowerCase(Locale.ROOT)), kept.attributes());
  }

  @Test
  void forgetsTheOldest() throws IOException, SQLException {
    for (int i = 0; i < 5; i++) {
      events.publish(event(i));
    }
    journal.flush();

    store.prune(2, Instant.EPOCH);

    assertEquals(List.of("kept3", "kept4"), past(new KeptEvents(journal), start, null));
    store.prune(100, Instant.now().plusSeconds(5));
    assertEquals(List.of(), past(new KeptEvents(journal), start, null));
  }

  @Test
  void tellsListenersUntilTheyClose() throws Exception {
    List<Event> heard = new ArrayList<>();
    AutoCloseable broken = events.subscribe(event -> {
      throw new IllegalStateException("broken listener");
    });
    AutoCloseable subscription = events.subscribe(heard::add);
    events.publish(event(1));
    events.mention(event(2));
    subscription.close();
    events.publish(event(3));
    broken.close();

    assertEquals(List.of("kept1", "kept2"), heard.stream().map(Event::id).toList());
    assertEquals(0, heard.get(1).sequence());
    assertEquals(List.of("kept1", "kept3"), past(events, start, null));
  }

  @Test
  void restShowsTheTeamItsOwn() {
    events.publish(event(1));
    events.publish(new Event(admin, "image", "tag", "kept-image", admin.team(), Map.of("name", "web"), start.plusNanos(9)));
    events.publish(new Event(admin, "image", "tag", "kept-foreign", Long.MAX_VALUE, Map.of("name", "web"), start.plusNanos(9)));
    String token = accounts.token(Role.MEMBER);

    var page = given().header("X-Tallyman-Token", token).get("/api/v1/events?limit=1&object=kept&since=" + start).then().statusCode(200);
    page.body("events.id", contains("kept-image")).body("next", notNullValue());
    long next = page.extract().jsonPath().getLong("next");
    given().header("X-Tallyman-Token", token).get("/api/v1/events?object=kept&before=" + next + "&since=" + start).then().body("events.id", contains("kept1")).body("next", equalTo(null));
    given().header("X-Tallyman-Token", token).get("/api/v1/events?type=image&action=tag&object=kept&since=" + start).then().body("events.id", contains("kept-image"));
    given().header("X-Tallyman-Token", token).get("/api/v1/events?account=" + admin.accountName() + "&object=kept&since=" + start).then()
        .body("events.id", contains("kept-image", "kept1")).body("events.attributes.'tallyman.account'", contains(admin.accountName(), admin.accountName()));
    given().header("X-Tallyman-Token", token).get("/api/v1/events?account=nobody&object=kept").then().body("events", empty());
    given().header("X-Tallyman-Token", token).get("/api/v1/events?action=never").then().body("events", empty());
    for (String wrong : List.of("limit=0", "limit=1001", "limit=x", "before=x", "since=x")) {
      given().header("X-Tallyman-Token", token).get("/api/v1/events?" + wrong).then().statusCode(400);
    }
    given().get("/api/v1/events").then().statusCode(401);
  }
}
