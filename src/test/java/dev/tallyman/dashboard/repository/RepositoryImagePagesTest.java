package dev.tallyman.dashboard.repository;

import static dev.tallyman.testing.TestIndex.as;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class RepositoryImagePagesTest {
  private static final String CONFIG =
      "{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\",\"created\":\"2026-01-02T03:04:05Z\",\"author\":\"<i>ann</i>\",\"config\":{\"Env\":[\"A=<b>\"],\"Cmd\":[\"sh\"],\"Labels\":{\"k\":\"</dl>\"}},"
          + "\"history\":[{\"created_by\":\"COPY <script>alert(1)</script>\",\"created\":\"soon\"},{\"created_by\":\"CMD sh\",\"empty_layer\":true}]}";

  @Inject TestAccounts accounts;
  @Inject Images images;
  @Inject Containers containers;

  private final String mark = "q" + UUID.randomUUID().toString().substring(0, 8);
  private final List<String> running = new ArrayList<>();
  private Caller member;
  private String token = "";
  private String repository = "";
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(member);
    visitor = Visitor.with(accounts.sessionOf(member));
    repository = member.teamName() + "/" + mark;
  }

  @AfterEach
  void removeAll() {
    running.forEach(each -> containers.remove(accounts.admin(), each, true, true));
    images.list(accounts.admin(), Images.ImageFilter.all()).stream().filter(each -> each.tags().contains(mark + ":1")).forEach(each -> images.remove(accounts.admin(), each.id(), true, true));
    as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
  }

  private Document page(String reference) {
    return visitor.page("/ui/repositories/image?name=" + repository + "&reference=" + reference);
  }

  private Document custody(String reference) {
    return visitor.page("/ui/repositories/image/custody?name=" + repository + "&reference=" + reference);
  }

  @Test
  void showsConfigurationHistoryAndLayersAsText() {
    String layer = "layer of " + mark;
    String digest = TestIndex.image(token, repository, "a", CONFIG, layer);

    Document page = page("a");

    assertEquals(repository + ":a", page.selectFirst("h1").text());
    assertTrue(page.selectFirst("#pull-tag").text().endsWith("/" + repository + ":a"));
    assertTrue(page.selectFirst("#pull-digest").text().endsWith("/" + repository + "@" + digest));
    String facts = page.select(".facts").text();
    for (String fact : new String[] {digest, "linux/arm64/v8", "A=<b>", "k=</dl>", "<i>ann</i>", member.accountName()}) {
      assertTrue(facts.contains(fact), facts);
    }
    assertEquals(List.of("COPY <script>alert(1)</script>", "CMD sh"), page.select("td > code").eachText().subList(0, 2));
    assertEquals(List.of(layer.length() + " B", "no layer", layer.length() + " B"), page.select("td[data-label=Size]").eachText());
    assertTrue(page.text().contains(TestIndex.sha256(layer.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
    assertNull(page.selectFirst("main script, main i"));
    assertNull(page(digest).selectFirst("#pull-tag"));
    assertNull(page.selectFirst("td[data-label=Created] time"));
  }

  @Test
  void anIndexLeadsToItsImagesAndAnImageToWhatIsAboutIt() {
    String child = TestIndex.image(token, repository, "a", CONFIG, "layer of " + mark);
    TestIndex.index(token, repository, "all", child, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"<b>arm</b>\"}");
    TestIndex.index(token, repository, "sparse", TestIndex.sha256(new byte[] {1}), "");
    String signature = TestIndex.referrer(token, repository, child, "application/vnd.example.signature");

    Element link = page("all").selectFirst("td.name a");
    assertEquals("linux/<b>arm</b>", link.text());
    assertEquals(child, visitor.page(link.attr("href")).selectFirst(".facts code").text());
    assertEquals("not named not here", page("sparse").selectFirst("td.name").text());
    Element about = page("a").selectFirst("td.name a[href*=" + signature.substring(7) + "]");
    assertEquals("application/vnd.example.signature", about.text());
    Document artifact = visitor.page(about.attr("href"));
    assertTrue(artifact.text().contains("This is no image of a container; its maker calls it application/vnd.example.signature."), artifact.text());
    assertTrue(artifact.selectFirst(".facts a").attr("href").contains(child.substring(7)));
  }

  @Test
  void custodyLeadsFromTheImportToTheContainers() {
    Images.Image image = images.importTar(member, new ByteArrayInputStream(TestImages.tar()), mark + ":1", List.of("CMD [\"sh\"]", "LABEL of=" + mark), "");
    String digest = TestIndex.image(token, repository, "a", image.configJson(), "layer of " + mark);
    as(token).get("/v2/" + repository + "/manifests/a").then().statusCode(200);
    String container = containers.create(member, ContainerSpec.of(mark, image.id(), List.of("sh"))).id();
    running.add(container);

    assertTrue(page("a").selectFirst("#custody").attr("hx-get").contains("reference=sha256%3A" + digest.substring(7)));
    Document hands = custody(digest);

    assertEquals(List.of("imported", "pushed", "pulled"), hands.select("td.name .badge").eachText());
    assertEquals(List.of(mark + ":1", repository + "@" + digest, repository + ":a"), hands.select("td code").eachText());
    hands.select("td[data-label=By]").forEach(each -> assertTrue(each.text().startsWith(member.accountName()), each::text));
    assertEquals(mark, hands.selectFirst("a[href=/ui/containers/" + container + "]").text());
    assertEquals("created", hands.selectFirst("td[data-label=State]").text());
    assertNotNull(visitor.page("/ui/containers/" + container));
  }

  @Test
  void custodyOfWhatNobodyRunsSaysSo() {
    TestIndex.index(token, repository, "sparse", TestIndex.sha256(new byte[] {2}), "");

    assertTrue(custody("sparse").text().contains("No container of your team was made from it."));
  }
}
