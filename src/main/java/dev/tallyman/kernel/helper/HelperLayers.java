package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.Layers;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Layers in the helper's store. */
@ApplicationScoped
class HelperLayers implements Layers {
  private static final String NO_LAYER = "0".repeat(64);

  private final Helper helper;

  HelperLayers(Helper helper) {
    this.helper = helper;
  }

  @Override
  public long unpack(String layer, InputStream tar) {
    return helper.send(Request.of(Verb.LAYER_UNPACK).id(Tag.LAYER, layer), tar).number(Tag.BYTES);
  }

  @Override
  public void remove(String layer) {
    helper.call(Request.of(Verb.LAYER_REMOVE).id(Tag.LAYER, layer));
  }

  /** After each removal the helper deletes all that was put away before, also when there was no such layer. */
  @Override
  public void finishRemovals() {
    remove(NO_LAYER);
  }

  @Override
  public List<String> list() {
    List<String> all = new ArrayList<>();
    Reply reply;
    do {
      Request request = Request.of(Verb.LAYER_LIST);
      if (!all.isEmpty()) {
        request.id(Tag.AFTER, all.get(all.size() - 1));
      }
      reply = helper.call(request);
      all.addAll(reply.all(Tag.LAYER));
    } while (reply.number(Tag.MORE) == 1);
    return all;
  }
}
