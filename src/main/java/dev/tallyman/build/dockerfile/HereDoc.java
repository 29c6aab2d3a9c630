package dev.tallyman.build.dockerfile;

import java.util.regex.Pattern;

/**
 * A here-document.
 *
 * @param name the word that ends it, without quotes; in COPY and ADD the name of the file, too
 * @param content lines as written, each with its end
 * @param isExpanded whether variables in it are expanded (COPY and ADD only): no part of the word was quoted
 * @param isChomped {@code <<-}: tabs in front of lines do not count
 */
public record HereDoc(String name, String content, boolean isExpanded, boolean isChomped) {
  private static final Pattern TABS = Pattern.compile("^\\t+", Pattern.MULTILINE);

  /** The content without the tabs that do not count. */
  public String text() {
    return isChomped ? TABS.matcher(content).replaceAll("") : content;
  }

  HereDoc withText(String expanded) {
    return new HereDoc(name, expanded, isExpanded, false);
  }
}
