package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The platform that a client wants an image of: a parameter in OCI's JSON, {@code {"os":"linux","architecture":"arm64","variant":"v8"}}.
 *
 * @param variant e.g. v8; empty where there is but one
 */
record WantedPlatform(String os, String architecture, String variant) {
  /** Versions of ARM that run what was made for an older one. */
  private static final List<String> ARM = List.of("v5", "v6", "v7", "v8");

  WantedPlatform {
    os = os.toLowerCase(Locale.ROOT);
    architecture = Platform.usual(architecture.toLowerCase(Locale.ROOT));
    variant = usualVariant(architecture, variant.toLowerCase(Locale.ROOT));
  }

  /**
   * @param since minor version of the API that brought the parameter: older clients' are passed over
   * @return absent when none is asked for
   * @throws TallymanException INVALID for several, and for what is no platform
   */
  static @Nullable WantedPlatform read(Exchange exchange, String parameter, int since) {
    List<String> all = exchange.query().all(parameter).stream().filter(each -> !each.isEmpty()).toList();
    if (exchange.version().isBefore(since) || all.isEmpty()) {
      return null;
    }
    if (all.size() > 1) {
      throw new TallymanException(ErrorKind.INVALID, parameter.equals("platforms") ? "multiple platforms are not supported" : "multiple platform parameters not supported");
    }
    return parse(all.get(0));
  }

  static WantedPlatform parse(String text) {
    JsonNode node;
    try {
      node = Json.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (TallymanException e) {
      throw new TallymanException(ErrorKind.INVALID, "failed to parse platform: " + e.getMessage(), e);
    }
    JsonFields fields = JsonFields.of(node, "platform");
    String os = fields.text("os");
    String architecture = fields.text("architecture");
    if (os.isEmpty() || architecture.isEmpty()) {
      boolean hasOptional = os.isEmpty() && architecture.isEmpty() && (fields.has("variant") || fields.has("os.version") || fields.has("os.features"));
      throw new TallymanException(
          ErrorKind.INVALID, hasOptional ? "optional platform fields provided, but OS and Architecture are missing" : "both OS and Architecture must be provided");
    }
    return new WantedPlatform(os, architecture, fields.text("variant"));
  }

  static WantedPlatform of(Image image) {
    return new WantedPlatform(image.os(), image.architecture(), ImageViews.fact(image, "variant"));
  }

  /** Whether an image of the other one runs here: its own, an older ARM, 386 on amd64; of one whose variant is not told, none is asked. */
  boolean accepts(WantedPlatform image) {
    if (!os.equals(image.os)) {
      return false;
    }
    if (architecture.equals(image.architecture)) {
      return variant.equals(image.variant) || image.variant.isEmpty() || (architecture.equals("arm") && ARM.indexOf(image.variant) >= 0 && ARM.indexOf(image.variant) <= ARM.indexOf(variant));
    }
    return (architecture.equals("amd64") && image.architecture.equals("386")) || (architecture.equals("arm64") && image.architecture.equals("arm"));
  }

  /** @throws TallymanException NOT_FOUND, in dockerd's words, when the image is of another platform */
  void require(String name, Image image) {
    WantedPlatform other = of(image);
    if (!accepts(other)) {
      throw new TallymanException(
          ErrorKind.NOT_FOUND, "image with reference " + name + " was found but its platform (" + other + ") does not match the specified platform (" + this + ")");
    }
  }

  private static String usualVariant(String architecture, String variant) {
    String usual = variant.matches("\\d+") ? "v" + variant : variant;
    if ((architecture.equals("arm64") && usual.equals("v8")) || (architecture.equals("amd64") && usual.equals("v1"))) {
      return "";
    }
    return architecture.equals("arm") && usual.isEmpty() ? "v7" : usual;
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
