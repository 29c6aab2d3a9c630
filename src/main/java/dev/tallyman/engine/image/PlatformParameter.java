package dev.tallyman.engine.image;

import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The platform that a client wants an image of: a parameter in OCI's JSON, {@code {"os":"linux","architecture":"arm64","variant":"v8"}}. */
final class PlatformParameter {
  private PlatformParameter() {}

  /**
   * @param since minor version of the API that brought the parameter: older clients' are passed over
   * @return absent when none is asked for
   * @throws TallymanException INVALID for several, and for what is no platform
   */
  static @Nullable Platform read(Exchange exchange, String parameter, int since) {
    List<String> all = exchange.query().all(parameter).stream().filter(each -> !each.isEmpty()).toList();
    if (exchange.version().isBefore(since) || all.isEmpty()) {
      return null;
    }
    if (all.size() > 1) {
      throw new TallymanException(ErrorKind.INVALID, parameter.equals("platforms") ? "multiple platforms are not supported" : "multiple platform parameters not supported");
    }
    return parse(all.get(0));
  }

  static Platform parse(String text) {
    JsonFields fields = JsonFields.of(Json.parse(text, "failed to parse platform"), "platform");
    String os = fields.text("os");
    String architecture = fields.text("architecture");
    if (os.isEmpty() || architecture.isEmpty()) {
      boolean hasOptional = os.isEmpty() && architecture.isEmpty() && (fields.has("variant") || fields.has("os.version") || fields.has("os.features"));
      throw new TallymanException(
          ErrorKind.INVALID, hasOptional ? "optional platform fields provided, but OS and Architecture are missing" : "both OS and Architecture must be provided");
    }
    return new Platform(os, architecture, fields.text("variant")).usual();
  }
}
