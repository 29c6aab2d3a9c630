package dev.tallyman.dashboard.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Visitor;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EventPagesTest {
  @Inject TestAccounts accounts;
  @Inject Events events;
  @Inject Volumes volumes;

  private final String name = "e" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
  }

  @AfterEach
  void removeAll() {
    volumes.remove(member, name, true);
  }

  private void publish(long team, String type, String action, String id, Map<String, String> attributes) {
    events.publish(new Event(member, type, action, id, team, attributes, Instant.now()));
  }

  @Test
  void showsWhatHappenedAndLeadsThere() {
    volumes.create(member, Volumes.NewVolume.named(name));

    Document page = visitor.page("/ui/events?type=volume&object=" + name);

    assertEquals("Events", page.selectFirst("h1").text());
    assertEquals("/ui/volumes/" + name, page.selectFirst("#rows a[data-row]").attr("href"));
    assertTrue(page.selectFirst("#rows tbody").text().contains("create"), page.text());
    assertEquals("/ui/events/stream", page.selectFirst("#rows").attr("data-live"));
  }

  @Test
  void findsByTypeActionObjectAndDay() {
    publish(member.team(), "container", "die", name, Map.of("name", name, "exitCode", "3", "some.label", "hidden"));
    publish(member.team(), "container", "health_status: unhealthy", name, Map.of("name", name));

    assertEquals(2, visitor.page("/ui/events?object=" + name).select("#rows tbody tr").size());
    Document died = visitor.page("/ui/events?action=die&object=" + name);
    assertEquals("die", died.selectFirst("#rows .badge.bad").text());
    assertEquals("exitCode=3", died.select("#rows .tag").text());
    assertEquals(1, visitor.page("/ui/events?action=health_status&object=" + name).select("#rows tbody tr").size());
    assertEquals(0, visitor.page("/ui/events?type=image&object=" + name).select("#rows tbody tr").size());
    assertEquals(0, visitor.page("/ui/events?to=2001-01-01&object=" + name).select("#rows tbody tr").size());
    assertTrue(visitor.page("/ui/events?type=image&object=" + name).text().contains("No event matches these filters."));
  }

  @Test
  void saysWhoDidItAndFindsByPerson() {
    publish(member.team(), "container", "start", name, Map.of("name", name, Event.ACCOUNT, "somebody-else"));
    events.publish(new Event(Caller.system(member.team(), ""), "container", "die", name, member.team(), Map.of("name", name), Instant.now()));

    Document mine = visitor.page("/ui/events?object=" + name + "&account=" + member.accountName());
    assertEquals(1, mine.select("#rows tbody tr").size());
    assertEquals(member.accountName() + member.way().name().toLowerCase(java.util.Locale.ROOT), mine.selectFirst("#rows td[data-label=Account]").text());
    assertEquals(member.accountName(), mine.selectFirst("input[name=account]").attr("value"));
    assertEquals("die", visitor.page("/ui/events?account=system&object=" + name).select("#rows tbody tr td[data-label=Action]").text());
    assertEquals(0, visitor.page("/ui/events?account=nobody&object=" + name).select("#rows tbody tr").size());
  }

  @Test
  void turnsPages() {
    for (int i = 0; i < EventForm.PAGE_ROWS + 3; i++) {
      publish(member.team(), "volume", "mount", name, Map.of());
    }

    Document first = visitor.page("/ui/events?object=" + name);
    Document second = visitor.page(first.selectFirst("a[rel=next]").attr("href"));

    assertEquals(EventForm.PAGE_ROWS, first.select("#rows tbody tr").size());
    assertEquals(3, second.select("#rows tbody tr").size());
    assertEquals("", second.selectFirst("#rows").attr("data-live"), "an older page stays as it is");
    assertEquals("/ui/events?object=" + name, second.selectFirst(".table-foot a").attr("href"));
  }

  @Test
  void showsHostileTextAsText() {
    publish(member.team(), "container", "exec_start: <img src=x onerror=alert(1)>", name, Map.of("name", name + "<b>", "comment", "<script>1</script>"));
    publish(member.team(), "volume", "mount", "javascript:alert(1)//" + name, Map.of("name", name));

    Document page = visitor.page("/ui/events?object=" + name);

    assertNull(page.selectFirst("#rows img, #rows script, #rows b, #rows a[href^=javascript]"));
    assertNotNull(visitor.page("/ui/events?before=%27%22x&from=nonsense&object=" + name).selectFirst("#rows tbody tr"));
  }

  @Test
  void keepsTeamsApart() {
    publish(member.team() + 7777, "volume", "create", name, Map.of());

    assertNull(visitor.page("/ui/events?object=" + name).selectFirst("#rows tbody tr"));
  }

  @Test
  void readsInChinese() {
    assertEquals("事件", Visitor.with(accounts.sessionOf(member)).reading("zh").page("/ui/events").selectFirst("h1").text());
    assertEquals(401, Visitor.stranger().get("/ui/events/stream").statusCode());
    assertEquals(303, Visitor.stranger().get("/ui/events").statusCode());
  }
}
