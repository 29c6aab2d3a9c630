package dev.tallyman.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Names of stacks of layers (image-spec, config.md, "Layer ChainID"). */
final class ChainIds {
  private ChainIds() {}

  /** @param diffIds bottom first; @return the chain id up to and including each */
  static List<Digest> of(List<Digest> diffIds) {
    List<Digest> chain = new ArrayList<>();
    for (Digest diffId : diffIds) {
      chain.add(chain.isEmpty() ? diffId : Digest.of((chain.get(chain.size() - 1) + " " + diffId).getBytes(StandardCharsets.US_ASCII)));
    }
    return List.copyOf(chain);
  }
}
