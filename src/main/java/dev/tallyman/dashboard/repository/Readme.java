package dev.tallyman.dashboard.repository;

import io.quarkus.qute.RawString;
import java.util.List;
import java.util.Set;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A repository's readme (CommonMark with tables) as HTML. Its writer is not trusted: HTML of his own appears as text, links lead to http, https
 * and mail only and say so to the browser, pictures are links, and nothing gets a name, a style or a script.
 */
final class Readme {
  /** Deeper nesting stays text; each level is a few calls on the stack. */
  private static final int MAX_DEPTH = 40;

  /** Rows are filled up to the width of their table, so few characters can ask for many cells. */
  private static final long MAX_CELLS = 20_000;

  private static final Set<Extension> TABLES = Set.of(TablesExtension.create());
  private static final Parser PLAIN_PARSER = parser(Set.of());
  private static final Parser TABLE_PARSER = parser(TABLES);
  private static final HtmlRenderer RENDERER =
      HtmlRenderer.builder().extensions(TABLES).escapeHtml(true).nodeRendererFactory(ReadmeNodes::new).build();

  private Readme() {}

  /** @return absent markup for a readme whose markup would be too long: it is to be shown as it is written */
  static Shown shown(String markdown) {
    try {
      BoundedText html = new BoundedText();
      RENDERER.render((mayHaveTables(markdown) ? TABLE_PARSER : PLAIN_PARSER).parse(markdown), html);
      return new Shown(html.toString(), "");
    } catch (BoundedText.TooLongException e) {
      return new Shown("", markdown);
    }
  }

  /** @param html markup, safe to put into a page as it is; @param text to be escaped; one of them is empty */
  record Shown(String html, String text) {
    public boolean isRendered() {
      return !html.isEmpty();
    }

    /** Not escaped again. */
    public RawString markup() {
      return new RawString(html);
    }
  }

  private static Parser parser(Set<Extension> extensions) {
    return Parser.builder().extensions(extensions).maxOpenBlockParsers(MAX_DEPTH).maxInlineNesting(MAX_DEPTH).build();
  }

  /** False where the widest line with as many rows as there are lines would be too many cells. */
  private static boolean mayHaveTables(String markdown) {
    List<String> lines = markdown.lines().toList();
    long widest = lines.stream().mapToLong(line -> line.chars().filter(each -> each == '|').count() + 1).max().orElse(0);
    return widest * lines.size() <= MAX_CELLS;
  }
}
