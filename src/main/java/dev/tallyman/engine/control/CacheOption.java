package dev.tallyman.engine.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.build.CacheUse;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A cache beside the team's own, as clients write it: {@code --cache-from} or {@code --cache-to type=…,…}. */
record CacheOption(String type, Map<String, String> attributes) {
  static final String INLINE = "inline";
  private static final String REGISTRY = "registry";
  private static final int MOST = 16;
  /** How the image is written, which is always as they say. */
  private static final Map<String, Set<String>> AS_IT_IS = Map.of("image-manifest", Set.of("true"), "oci-mediatypes", Set.of("true", "false"), "compression", Set.of("gzip"));

  static CacheOption read(ProtoReader option) throws IOException {
    String type = "";
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int field = option.next(); field != 0; field = option.next()) {
      switch (field) {
        case 1 -> type = option.text();
        case 2 -> Messages.entry(option.message(), attributes);
        default -> option.skip();
      }
    }
    return new CacheOption(type, attributes);
  }

  /** The frontend's list in JSON. */
  static List<CacheOption> list(String json) {
    JsonNode list;
    try {
      list = Json.parse(json.getBytes(StandardCharsets.UTF_8));
    } catch (TallymanException e) {
      throw Messages.invalid("the option cache-imports must be a JSON list");
    }
    List<CacheOption> options = new ArrayList<>();
    for (JsonNode each : list) {
      Map<String, String> attributes = new LinkedHashMap<>();
      each.path("Attrs").properties().forEach(pair -> attributes.put(pair.getKey(), pair.getValue().asText()));
      options.add(new CacheOption(each.path("Type").asText(), attributes));
    }
    return options;
  }

  static CacheOption ofImage(String reference) {
    return new CacheOption(REGISTRY, Map.of("ref", reference));
  }

  /** @param imports of a build; @param exports of it. Refuses what this server cannot do */
  static CacheUse use(List<CacheOption> imports, List<CacheOption> exports) {
    if (imports.size() > MOST || exports.size() > MOST) {
      throw Messages.invalid("a build may have " + MOST + " caches to import and to export");
    }
    List<String> references = imports.stream().filter(each -> !each.type().equals(INLINE)).map(each -> each.reference("--cache-from", Set.of("ref"))).distinct().toList();
    List<CacheUse.Export> pushed = exports.stream().filter(each -> !each.type().equals(INLINE)).map(CacheOption::export).toList();
    return new CacheUse(references, pushed, exports.stream().anyMatch(each -> each.type().equals(INLINE)));
  }

  private CacheUse.Export export() {
    String reference = reference("--cache-to", Set.of("ref", "mode", "ignore-error"));
    String mode = attributes.getOrDefault("mode", "min");
    if (!mode.equals("min") && !mode.equals("max")) {
      throw Messages.invalid("invalid mode " + mode + " of --cache-to: it must be min or max");
    }
    return new CacheUse.Export(reference, mode.equals("max"), Boolean.parseBoolean(attributes.getOrDefault("ignore-error", "false")));
  }

  private String reference(String option, Set<String> known) {
    if (!type.equals(REGISTRY)) {
      throw Messages.unsupported(option + " type=" + type + " is");
    }
    attributes.forEach((key, value) -> {
      if (!known.contains(key) && !AS_IT_IS.getOrDefault(key, Set.of()).contains(value)) {
        throw Messages.unsupported("the attribute " + key + "=" + value + " of " + option + " is");
      }
    });
    ImageReference reference = ImageReference.parse(attributes.getOrDefault("ref", "")).orLatest();
    if (option.equals("--cache-to") && reference.digest() != null) {
      throw Messages.invalid("a build cache is exported to a tag, not to a digest");
    }
    return reference.toString();
  }
}
