package dev.tallyman.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes configurations of images that are made here (import, commit), with Docker's fields in Docker's order. */
final class ImageBuilder {
  private ImageBuilder() {}

  static ImageDocument imported(ImageConfig config, Platform platform, Digest diffId, Instant at, String message) {
    ImageDocument.Step step = new ImageDocument.Step(at, "", "", message, false);
    return build(config, List.of(diffId), List.of(step), at, platform, new Images.Origin("", message, ""));
  }

  /** @param step what is added: no layer if it is an empty one */
  static ImageDocument onTopOf(List<Digest> below, List<ImageDocument.Step> history, ImageConfig config, Digest diffId, ImageDocument.Step step, Images.Origin origin) {
    List<Digest> diffIds = new ArrayList<>(below);
    if (!step.isEmptyLayer()) {
      diffIds.add(diffId);
    }
    List<ImageDocument.Step> steps = new ArrayList<>(history);
    // A parent without history would make the count of steps wrong.
    while (steps.stream().filter(each -> !each.isEmptyLayer()).count() < below.size()) {
      steps.add(new ImageDocument.Step(step.createdAt(), "", "", "", false));
    }
    steps.add(step);
    return build(config, diffIds, steps, step.createdAt(), Platform.here(), origin);
  }

  private static ImageDocument build(
      ImageConfig config, List<Digest> diffIds, List<ImageDocument.Step> history, Instant at, Platform platform, Images.Origin origin) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("architecture", platform.architecture());
    putUnlessEmpty(root, "author", origin.author());
    putUnlessEmpty(root, "comment", origin.comment());
    root.set("config", ConfigJson.write(config));
    putUnlessEmpty(root, "container", origin.container());
    root.put("created", at.toString());
    ArrayNode steps = root.putArray("history");
    history.forEach(each -> steps.add(step(each)));
    root.put("os", platform.os());
    ObjectNode rootfs = root.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode layers = rootfs.putArray("diff_ids");
    diffIds.forEach(each -> layers.add(each.toString()));
    putUnlessEmpty(root, "variant", platform.variant());
    return ImageDocument.parse(StrictJson.write(root));
  }

  private static ObjectNode step(ImageDocument.Step step) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("created", step.createdAt().toString());
    putUnlessEmpty(node, "created_by", step.createdBy());
    putUnlessEmpty(node, "author", step.author());
    putUnlessEmpty(node, "comment", step.comment());
    if (step.isEmptyLayer()) {
      node.put("empty_layer", true);
    }
    return node;
  }

  private static void putUnlessEmpty(ObjectNode node, String field, String value) {
    if (!value.isEmpty()) {
      node.put(field, value);
    }
  }
}
