package dev.tallyman.engine.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.build.CacheUse;
import dev.tallyman.distribution.ContentStore;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A cache beside the team's own, as clients write it: {@code --cache-from} or {@code --cache-to type=…,…}. */
record CacheOption(String type, Map<String, String> attributes) {
  static final String INLINE = "inline";
  private static final String REGISTRY = "registry";
  private static final String FOLDER = "local";
  private static final int LONGEST_FOLDER = 4096;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
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
      list = Json.parse(json, "cache-imports");
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

  /** Refuses what this server cannot do. */
  static void check(List<CacheOption> imports, List<CacheOption> exports) {
    if (imports.size() > MOST || exports.size() > MOST) {
      throw Messages.invalid("a build may have " + MOST + " caches to import and to export");
    }
    used(imports).forEach(CacheOption::checkImport);
    used(exports).forEach(CacheOption::checkExport);
  }

  /** @param imports of a build; @param exports of it; @param stores of the client, by their ids */
  static CacheUse use(List<CacheOption> imports, List<CacheOption> exports, Function<String, ContentStore> stores) {
    check(imports, exports);
    Map<String, ContentStore> open = new HashMap<>();
    Function<String, ContentStore> once = id -> open.computeIfAbsent(id, stores);
    return new CacheUse(
        used(imports).map(each -> each.source(once)).distinct().toList(), used(exports).map(each -> each.export(once)).toList(),
        exports.stream().anyMatch(each -> each.type().equals(INLINE)));
  }

  private static Stream<CacheOption> used(List<CacheOption> options) {
    return options.stream().filter(each -> !each.type().equals(INLINE));
  }

  private boolean isFolder() {
    return type.equals(FOLDER);
  }

  private void checkImport() {
    if (isFolder()) {
      requireKnown("--cache-from", Set.of("src", "digest", "tag"));
      store("src");
      if (!DIGEST.matcher(attribute("digest", "")).matches()) {
        throw Messages.invalid("a build cache of a folder (--cache-from type=local) is imported by its sha256 digest, which clients find in the folder's index.json");
      }
    } else {
      requireRegistry("--cache-from");
      requireKnown("--cache-from", Set.of("ref"));
      reference();
    }
  }

  private void checkExport() {
    if (isFolder()) {
      requireKnown("--cache-to", Set.of("dest", "mode", "ignore-error", "tag"));
      store("dest");
    } else {
      requireRegistry("--cache-to");
      requireKnown("--cache-to", Set.of("ref", "mode", "ignore-error"));
      if (reference().digest() != null) {
        throw Messages.invalid("a build cache is exported to a tag, not to a digest");
      }
    }
    String mode = attribute("mode", "min");
    if (!mode.equals("min") && !mode.equals("max")) {
      throw Messages.invalid("invalid mode " + mode + " of --cache-to: it must be min or max");
    }
  }

  private CacheUse.Import source(Function<String, ContentStore> stores) {
    return isFolder() ? new CacheUse.Import.OfStore(stores.apply(store("src")), attribute("digest", "")) : new CacheUse.Import.OfRegistry(reference().toString());
  }

  private CacheUse.Export export(Function<String, ContentStore> stores) {
    CacheUse.Target target = isFolder() ? new CacheUse.Target.Store(stores.apply(store("dest"))) : new CacheUse.Target.Registry(reference().toString());
    return new CacheUse.Export(target, attribute("mode", "min").equals("max"), Boolean.parseBoolean(attribute("ignore-error", "false")));
  }

  private String attribute(String name, String other) {
    return attributes.getOrDefault(name, other);
  }

  private void requireRegistry(String option) {
    if (!type.equals(REGISTRY)) {
      throw Messages.unsupported(option + " type=" + type + " is");
    }
  }

  private void requireKnown(String option, Set<String> known) {
    attributes.forEach((key, value) -> {
      if (!known.contains(key) && !AS_IT_IS.getOrDefault(key, Set.of()).contains(value)) {
        throw Messages.unsupported("the attribute " + key + "=" + value + " of " + option + " is");
      }
    });
  }

  /** Under which the client offers a folder of its own. */
  private String store(String attribute) {
    String folder = attribute(attribute, "");
    if (folder.isEmpty() || folder.length() > LONGEST_FOLDER || !folder.chars().allMatch(each -> each >= 0x20 && each < 0x7f)) {
      throw Messages.invalid("the folder of a build cache (" + attribute + ") must have 1 to " + LONGEST_FOLDER + " ASCII characters");
    }
    return "local:" + folder;
  }

  private ImageReference reference() {
    return ImageReference.parse(attribute("ref", "")).orLatest();
  }
}
