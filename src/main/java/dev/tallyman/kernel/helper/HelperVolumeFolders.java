package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.VolumeFolders;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Volumes in the helper's store. */
@ApplicationScoped
class HelperVolumeFolders implements VolumeFolders {
  private final Helper helper;

  HelperVolumeFolders(Helper helper) {
    this.helper = helper;
  }

  private static Request on(Verb verb, String volume) {
    return Request.of(verb).id(Tag.VOLUME, volume);
  }

  @Override
  public void create(String volume, long limitBytes) {
    helper.call(on(Verb.VOLUME_CREATE, volume).longIfSet(Tag.SIZE_LIMIT, limitBytes));
  }

  @Override
  public void remove(String volume) {
    helper.call(on(Verb.VOLUME_REMOVE, volume));
  }

  @Override
  public List<String> list() {
    List<String> all = new ArrayList<>();
    Reply reply;
    do {
      Request request = Request.of(Verb.VOLUME_LIST);
      if (!all.isEmpty()) {
        request.id(Tag.AFTER, all.get(all.size() - 1));
      }
      reply = helper.call(request);
      all.addAll(reply.all(Tag.VOLUME));
    } while (reply.number(Tag.MORE) == 1);
    return all;
  }

  @Override
  public void export(String volume, OutputStream out) {
    helper.receive(on(Verb.VOLUME_EXPORT, volume), out);
  }

  @Override
  public Size fill(String volume, InputStream tar, long limitBytes) {
    return size(helper.send(on(Verb.VOLUME_IMPORT, volume).longIfSet(Tag.SIZE_LIMIT, limitBytes), tar));
  }

  @Override
  public Size size(String volume) {
    return size(helper.call(on(Verb.VOLUME_SIZE, volume)));
  }

  @Override
  public boolean isEmpty(String volume) {
    return helper.call(on(Verb.VOLUME_SIZE, volume).number(Tag.VOLUME_FLAGS, Protocol.VOLUME_FIRST)).number(Tag.COUNT) == 0;
  }

  private static Size size(Reply reply) {
    return new Size(reply.number(Tag.BYTES), reply.number(Tag.COUNT));
  }
}
