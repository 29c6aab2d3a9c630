package dev.tallyman.dashboard.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmeTest {
  private static final Set<String> TAGS =
      Set.of("p", "h3", "h4", "h5", "h6", "em", "strong", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr", "br", "table", "thead", "tbody", "tr", "th", "td");
  private static final int LARGEST = 65_536;

  private static Element rendered(String markdown) {
    return Jsoup.parse("<main>" + Readme.shown(markdown).html() + "</main>").selectFirst("main");
  }

  @Test
  void rendersWhatReadmesHave() {
    Element page = rendered("# Web\n\nA *fast* **server**, see [docs](https://example.org/a?b=1&c=2 \"title\").\n\n- one\n- two\n\n```sh\ndocker run <image>\n```\n\n| key | value |\n|---|--:|\n| `a` | 1 |\n");

    assertEquals("Web", page.selectFirst("h3").text());
    assertEquals("https://example.org/a?b=1&c=2", page.selectFirst("a").attr("href"));
    assertEquals("nofollow noopener noreferrer", page.selectFirst("a").attr("rel"));
    assertEquals(List.of("one", "two"), page.select("li").eachText());
    assertEquals("docker run <image>", page.selectFirst("pre code").text());
    assertEquals("1", page.select("td").get(1).text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b> <form action=/ui/logout><button>x</button></form>",
        "<div hx-get=\"/ui/logout\" hx-trigger=load id=main></div>",
        "<style>body{display:none}</style>",
        "<!-- <script>alert(1)</script> -->\n\n<![CDATA[<script>alert(1)</script>]]>",
        "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1)) [d](java\\\nscript:alert(1)) [e](%6aavascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=) [b](vbscript:x) [c](file:///etc/passwd) [d](blob:x)",
        "[a](/ui/logout) [b](//evil.example) [c](../x) [d](#main) [e](?x) [f](\\\\evil.example) [g]()",
        "[a]: javascript:alert(1)\n\n[a] [x][a] ![a]",
        "<javascript:alert(1)> <data:text/html,x>",
        "![p](javascript:alert(1)) ![p](https://evil.example/pixel.png)",
        "[a](https://x/\"onmouseover=\"alert(1)) [b](<https://x/\" onmouseover=\"alert(1)>)",
        "[a](https://x 'x\" onmouseover=\"alert(1)')",
        "![x\" onerror=\"alert(1)](https://x/y.png \"t\\\" onerror=\\\"alert(1)\")",
        "``` x\" onclick=\"alert(1)\ncode\n```",
        "```class=\"card\" style=\"x\"\ncode\n```",
        "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | [x](javascript:alert(1)) |",
        "# <script>alert(1)</script> {#main onclick=alert(1)}",
        "</main></body><script>alert(1)</script>",
        "{inject:shell.formToken} {#if true}x{/if}",
      })
  void hostileTextStaysText(String markdown) {
    Element page = rendered(markdown);

    for (Element each : page.select("*").not("main")) {
      assertTrue(TAGS.contains(each.tagName()), each::outerHtml);
      each.attributes().forEach(attribute -> assertTrue(Set.of("href", "rel", "class", "align", "start").contains(attribute.getKey()), each::outerHtml));
      assertTrue(each.className().isEmpty() || each.className().startsWith("language-"), each::outerHtml);
      assertTrue(!each.hasAttr("href") || each.attr("href").startsWith("https://"), each::outerHtml);
    }
  }

  @Test
  void picturesAreLinks() {
    assertEquals("<a href=\"https://example.org/p.png\" rel=\"nofollow noopener noreferrer\">plan</a>", rendered("![plan](https://example.org/p.png)").selectFirst("p").html());
    assertEquals(1, rendered("[![build](https://example.org/b.svg)](https://example.org/build)").select("a").size());
    assertEquals("https://example.org/p.png", rendered("![](https://example.org/p.png)").selectFirst("a").text());
  }

  static List<String> floods() {
    return List.of(
        ">".repeat(LARGEST), "> ".repeat(LARGEST / 2), "- ".repeat(LARGEST / 2), "[".repeat(LARGEST), "![".repeat(LARGEST / 2), "[a](".repeat(LARGEST / 4), "*a **a ".repeat(LARGEST / 7), "*".repeat(LARGEST),
        "_*".repeat(LARGEST / 2), "`a``".repeat(LARGEST / 4), "<".repeat(LARGEST), "<a ".repeat(LARGEST / 3), "<!--".repeat(LARGEST / 4), "&".repeat(LARGEST), "\\".repeat(LARGEST), "#".repeat(LARGEST),
        "a\n".repeat(LARGEST / 2), "\t".repeat(LARGEST), "1. ".repeat(LARGEST / 3), "[a]: https://" + "x".repeat(1900) + "\n\n" + "[a]\n".repeat((LARGEST - 2000) / 4),
        "|".repeat(20_000) + "\n" + "|-".repeat(10_000) + "|\n" + "|\n".repeat(10_000), "|a".repeat(300) + "\n" + "|-".repeat(300) + "|\n" + "|\n".repeat(30_000), "a|b\n-|-\n" + "|\n".repeat(30_000),
        "![[".repeat(LARGEST / 3), "**x [a*b](".repeat(LARGEST / 10), "~~~\n".repeat(LARGEST / 4), "[\\\\".repeat(LARGEST / 3));
  }

  /** Minutes or a full stack before there were bounds; far below a second with them. */
  @ParameterizedTest
  @MethodSource("floods")
  void noReadmeTakesTheServer(String markdown) {
    Readme.Shown shown = assertTimeout(Duration.ofSeconds(20), () -> Readme.shown(markdown));

    assertTrue(shown.html().length() <= 1 << 20);
    assertTrue(shown.html().isEmpty() || shown.text().isEmpty());
  }

  @Test
  void whatWouldGrowTooLongIsShownAsItIsWritten() {
    String markdown = "[a]: https://" + "x".repeat(1900) + "\n\n" + "[a]\n".repeat(10_000);

    assertEquals(new Readme.Shown("", markdown), Readme.shown(markdown));
  }
}
