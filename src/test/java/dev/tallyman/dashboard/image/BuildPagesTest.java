package dev.tallyman.dashboard.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

@QuarkusTest
class BuildPagesTest {
  private static final String PATH = "/ui/images/dockerfile";

  @Inject TestAccounts accounts;

  private Visitor visitor() {
    return Visitor.with(accounts.session(Role.MEMBER));
  }

  @Test
  void isReachedFromTheImages() {
    Visitor visitor = Visitor.with(accounts.session(Role.VIEWER));

    assertNotNull(visitor.page("/ui/images").selectFirst("a[href=" + PATH + "]"));
    Document page = visitor.page(PATH);
    assertEquals("Dockerfile", page.selectFirst("h1").text());
    assertNull(page.selectFirst("form[data-build]"), "a viewer is offered a build");
    assertNotNull(visitor().page(PATH).selectFirst("form[data-build=" + PATH + "/build]"));
    assertEquals("", page.selectFirst("#findings").text());
  }

  @Test
  void showsFindingsAndStages() {
    Response answer = visitor().post(PATH, "dockerfile", "FROM a AS Web\r\nCOPY x /\r\nCMD run\r\nFROM scratch\r\n", "ignored", "x", "arguments", "A=1");
    Document page = Jsoup.parse(answer.asString());

    assertEquals(200, answer.statusCode());
    assertEquals(3, page.select("#findings section:first-of-type tbody tr").size(), page.select("#findings").text());
    assertTrue(page.text().contains("Stage name 'Web' should be lowercase"));
    assertTrue(page.text().contains("excluded by .dockerignore"));
    assertEquals("https://docs.docker.com/go/dockerfile/rule/stage-name-casing/", page.selectFirst("#findings a").attr("href"));
    assertEquals("FROM a AS Web\nCOPY x /\nCMD run\nFROM scratch", page.selectFirst("textarea").text().strip());
    assertEquals("web", page.selectFirst("#findings td.name").text());
  }

  @Test
  void showsWhereAFaultIs() {
    Document page = Jsoup.parse(visitor().post(PATH, "dockerfile", "FROM a\nFORM <b>").asString());

    assertTrue(page.selectFirst("pre.output").text().contains("unknown instruction: FORM (did you mean FROM?)"));
    assertTrue(page.selectFirst("pre.output").text().contains("Dockerfile:2:1"));
    assertTrue(page.select("pre.output b").isEmpty(), "what was typed became markup");
  }

  @Test
  void aScriptGetsThePartOnly() {
    Visitor visitor = visitor();

    Response answer = visitor.request().header("HX-Request", "true").header("X-Form-Token", visitor.token()).contentType("application/x-www-form-urlencoded; charset=UTF-8")
        .formParam("dockerfile", "FROM scratch").post(PATH);

    assertEquals(200, answer.statusCode(), answer.asString());
    assertFalse(answer.asString().contains("<html"));
    assertTrue(answer.asString().contains("Nothing to remark."));
  }

  @Test
  void speaksChinese() {
    Visitor visitor = visitor().reading("zh-CN");

    String text = Jsoup.parse(visitor.post(PATH, "dockerfile", "# check=error=true\nFROM a AS B\nENV k $x\nWORKDIR y\n").asString()).text();

    assertTrue(text.contains("构建镜像"), text);
    assertTrue(text.contains("阶段名“B”应使用小写。"), text);
    assertTrue(text.contains("请使用“ENV key=value”，不要使用旧格式“ENV key value”。"), text);
    assertTrue(text.contains("相对工作目录“y”"), text);
    assertTrue(text.contains("构建会失败"), text);
  }

  @Test
  void refusesArgumentsWithoutAName() {
    Response answer = visitor().reading("zh-CN").post(PATH, "dockerfile", "FROM a", "arguments", "A=1\n\n=2\n");

    assertEquals(400, answer.statusCode());
    assertTrue(answer.asString().contains("构建参数“=2”的格式应为 NAME=value。"), answer.asString());
  }

  @Test
  void nobodyAndFormsWithoutATokenAreRefused() {
    assertEquals(403, visitor().postRaw(PATH, "wrong", "dockerfile", "FROM a").statusCode());
    assertTrue(Visitor.stranger().get(PATH).statusCode() >= 300);
  }
}
