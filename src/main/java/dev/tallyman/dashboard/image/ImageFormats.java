package dev.tallyman.dashboard.image;

import dev.tallyman.image.Images.Image;
import io.quarkus.qute.TemplateExtension;

/** How images look in pages. */
@TemplateExtension
final class ImageFormats {
  private ImageFormats() {}

  /** Its first name, or the beginning of its id. */
  static String label(Image image) {
    if (!image.tags().isEmpty()) {
      return image.tags().get(0);
    }
    String hex = image.id().substring(image.id().indexOf(':') + 1);
    return hex.substring(0, Math.min(12, hex.length()));
  }
}
