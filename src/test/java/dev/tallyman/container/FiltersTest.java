package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.network.Networks;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiltersTest {
  private static final Instant START = Instant.parse("2026-11-28T10:00:00Z");
  private static final Membership PLACE =
      new Membership(new Networks.Lease("net1", "10.88.0.2", 16, "10.88.0.1", "02:42:0a:58:00:02"), "bridge", false, false, PlaceSpec.plain("bridge"));
  private final Container web = running("aa", "web", 1, Map.of("tier", "front"), 8080);
  private final Container db = running("ab", "db-1", 2, Map.of("tier", "back", "backup", ""), 5432);
  private final Container old = ended("ff", "old", 0, 3);

  private static Container running(String id, String name, int second, Map<String, String> labels, int port) {
    Facts facts = facts(id, name, second, labels);
    Facts up = facts.with(facts.status().started(new Sandboxes.Started(1, START), "admin", 0)).withPorts(List.of(new PublishedPort("tcp", "0.0.0.0", port, 80)));
    return up.shown(null);
  }

  private static Container ended(String id, String name, int second, int code) {
    Facts facts = facts(id, name, second, Map.of());
    Status started = facts.status().started(new Sandboxes.Started(1, START), "admin", 0);
    return facts.with(started.ended(new Sandboxes.Exit(code, 0, false, START, START), START, false)).shown(null);
  }

  private static Facts facts(String id, String name, int second, Map<String, String> labels) {
    Specs specs = Specs.of("true").named(name);
    specs.exposed = List.of("443/tcp");
    Plan plan = new Plan("sha256:img", "true", List.of(), List.of(), "", "/", labels, "SIGTERM", List.of(), LifePlan.none(), List.of(), List.of(), null, null);
    return new Facts(id.repeat(32), 1, "default", "admin", START.plusSeconds(second), name, specs.build(), plan, List.of(PLACE), List.of(), Status.created());
  }

  private String matching(Map<String, List<String>> filters) {
    Filters all =
        new Filters(
            name -> List.of(web, db, old).stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow(() -> Refusal.absent(name)),
            image -> image.equals("busybox") ? Set.of("sha256:base", "sha256:img") : Set.of(), network -> network.equals("bridge") ? "net1" : "");
    return String.join(" ", List.of(web, db, old).stream().filter(all.of(new ContainerFilter(true, false, 0, filters))).map(Container::name).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "id,aa,web", "id,a,web db-1", "name,eb,web", "name,^/web$,web", "name,/web,web", "name,d.*1,db-1", "status,running,web db-1", "status,exited,old", "exited,3,old", "exited,4,",
    "label,tier,web db-1", "label,tier=back,db-1", "label,none,", "ancestor,busybox,web db-1 old", "ancestor,busybox:latest,web db-1 old", "ancestor,other,", "before,web,old",
    "since,web,db-1", "network,bridge,web db-1 old", "network,none,", "publish,8080,web", "publish,80/tcp,", "publish,5000-6000,db-1", "publish,80/udp,", "expose,443,web db-1 old",
    "health,none,web db-1 old", "health,healthy,", "is-task,false,web db-1 old", "is-task,true,", "volume,data,", "isolation,default,web db-1 old"
  })
  void matchesAsDockerDoes(String key, String value, String expected) {
    assertEquals(expected == null ? "" : expected, matching(Map.of(key, List.of(value))));
  }

  @Test
  void takesValuesOfOneKeyAsAlternativesButLabelsTogether() {
    assertEquals("web old", matching(Map.of("name", List.of("web", "old"))));
    assertEquals("db-1", matching(Map.of("label", List.of("tier", "backup"))));
    assertEquals("web", matching(Map.of("label", List.of("tier"), "name", List.of("web"))));
    assertEquals("old", matching(Map.of("label!", List.of("tier"))));
  }

  @ParameterizedTest
  @CsvSource({"foo,x", "status,sleeping", "exited,x", "health,fine", "is-task,maybe", "name,(", "before,nobody", "publish,x", "until,yesterday"})
  void refusesWhatItDoesNotKnow(String key, String value) {
    assertThrows(TallymanException.class, () -> matching(Map.of(key, List.of(value))));
  }

  @Test
  void endsAPatternThatTakesTooLong() {
    Container long1 = ended("cc", "a".repeat(150) + "!", 0, 0);
    Filters filters = new Filters(name -> long1, image -> Set.of(), network -> "");

    var matching = filters.of(new ContainerFilter(true, false, 0, Map.of("name", List.of("(.*)(.*)(.*)(.*)(.*)b$"))));

    assertTrue(assertThrows(TallymanException.class, () -> matching.test(long1)).getMessage().contains("too long"));
  }
}
