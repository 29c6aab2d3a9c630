package dev.tallyman.dashboard.repository;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlWriter;

/** Links, pictures and headings of a readme. */
final class ReadmeNodes implements NodeRenderer {
  private static final Pattern ALLOWED = Pattern.compile("(?i)(https?://|mailto:)[^\\s\\p{Cntrl}]{1,2000}");

  /** The page's own headings come above. */
  private static final int HEADINGS_ABOVE = 2;

  private static final int LOWEST_HEADING = 6;

  private final HtmlNodeRendererContext context;
  private final HtmlWriter html;

  ReadmeNodes(HtmlNodeRendererContext context) {
    this.context = context;
    this.html = context.getWriter();
  }

  @Override
  public Set<Class<? extends Node>> getNodeTypes() {
    return Set.of(Link.class, Image.class, Heading.class);
  }

  @Override
  public void render(Node node) {
    if (node instanceof Heading heading) {
      heading(heading);
    } else if (node instanceof Link link) {
      link(link, link.getDestination());
    } else if (node instanceof Image image) {
      link(image, image.getDestination());
    }
  }

  private void heading(Heading heading) {
    String tag = "h" + Math.min(LOWEST_HEADING, heading.getLevel() + HEADINGS_ABOVE);
    html.line();
    html.tag(tag);
    children(heading);
    html.tag("/" + tag);
    html.line();
  }

  /** A picture would be fetched from elsewhere as soon as somebody looks at the page; within a link its text alone is shown. */
  private void link(Node node, String target) {
    boolean isLink = ALLOWED.matcher(target).matches() && !isWithinLink(node);
    if (isLink) {
      Map<String, String> attributes = new LinkedHashMap<>();
      attributes.put("href", target);
      attributes.put("rel", "nofollow noopener noreferrer");
      html.tag("a", attributes);
    }
    if (node.getFirstChild() == null) {
      html.text(target);
    }
    children(node);
    if (isLink) {
      html.tag("/a");
    }
  }

  private static boolean isWithinLink(Node node) {
    for (Node each = node.getParent(); each != null; each = each.getParent()) {
      if (each instanceof Link || each instanceof Image) {
        return true;
      }
    }
    return false;
  }

  private void children(Node node) {
    for (Node each = node.getFirstChild(); each != null; each = each.getNext()) {
      context.render(each);
    }
  }
}
