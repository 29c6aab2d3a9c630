package dev.tallyman.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * An image configuration, checked (image-spec, config.md). Its bytes decide the image's id, so the text is kept as it came.
 *
 * @param id digest of the text's bytes
 * @param diffIds bottom layer first
 * @param history oldest first; empty, or with as many non-empty entries as there are layers
 */
record ImageDocument(
    Digest id, Instant createdAt, String architecture, String os, ImageConfig config, List<Digest> diffIds, List<Step> history, String author, String comment, String json) {

  /** The kernel part mounts at most 127 layers (overlayfs takes 500, its option page does not). */
  static final int MOST_LAYERS = 127;
  /** Width of the database column; Docker's own images stay below 100 kB. */
  static final int MOST_BYTES = 1_000_000;
  private static final int MOST_STEPS = 2_000;

  /** One entry of the history. */
  record Step(Instant createdAt, String createdBy, String author, String comment, boolean isEmptyLayer) {}

  /** @throws TallymanException INVALID with what is wrong */
  static ImageDocument parse(byte[] bytes) {
    if (bytes.length > MOST_BYTES) {
      throw invalid("its configuration is larger than " + MOST_BYTES + " bytes");
    }
    JsonNode root = StrictJson.parseObject(bytes, "the configuration");
    String named = new JsonFields(root, "configuration").text("os");
    // Docker takes one without a name for its host's.
    String os = named.isEmpty() ? "linux" : named;
    if (!os.equals("linux")) {
      throw invalid("operating system " + Texts.shortened(os) + " is not supported, only linux is");
    }
    List<Digest> diffIds = diffIds(root);
    List<Step> history = history(root);
    long filled = history.stream().filter(each -> !each.isEmptyLayer()).count();
    if (!history.isEmpty() && filled != diffIds.size()) {
      throw invalid("its history names " + filled + " layers, but it has " + diffIds.size());
    }
    JsonFields fields = new JsonFields(root, "configuration");
    return new ImageDocument(
        Digest.of(bytes), time(fields.text("created")), fields.text("architecture"), os, ConfigJson.read(root.path("config")), diffIds, history, fields.text("author"),
        fields.text("comment"), new String(bytes, StandardCharsets.UTF_8));
  }

  private static List<Digest> diffIds(JsonNode root) {
    JsonNode rootfs = root.path("rootfs");
    if (!rootfs.isObject() || !rootfs.path("type").asText().equals("layers")) {
      throw invalid("its configuration has no rootfs of type layers");
    }
    List<String> texts = new JsonFields(rootfs, "rootfs").texts("diff_ids");
    if (texts.size() > MOST_LAYERS) {
      throw invalid("it has " + texts.size() + " layers, more than the " + MOST_LAYERS + " that can be mounted");
    }
    return texts.stream().map(Digest::parse).toList();
  }

  /** Its comment, or the last one of its history. */
  String shownComment() {
    return comment.isEmpty() && !history.isEmpty() ? history.get(history.size() - 1).comment() : comment;
  }

  private static List<Step> history(JsonNode root) {
    JsonNode list = root.path("history");
    if (list.isMissingNode() || list.isNull()) {
      return List.of();
    }
    if (!list.isArray() || list.size() > MOST_STEPS) {
      throw invalid("its history is not a list of at most " + MOST_STEPS + " entries");
    }
    List<Step> steps = new ArrayList<>();
    for (JsonNode each : list) {
      JsonFields fields = new JsonFields(each, "history");
      steps.add(
          new Step(
              time(fields.text("created")), fields.text("created_by"), fields.text("author"), fields.text("comment"), each.path("empty_layer").asBoolean(false)));
    }
    return List.copyOf(steps);
  }

  private static Instant time(String text) {
    if (text.isEmpty()) {
      return Instant.EPOCH;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw invalid("'" + Texts.shortened(text) + "' is not an RFC 3339 time");
    }
  }

  static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, "invalid image: " + why);
  }
}
