package dev.tallyman.build.remote;

import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.eclipse.jgit.internal.storage.dfs.DfsInserter;
import org.eclipse.jgit.internal.storage.dfs.DfsObjDatabase;
import org.eclipse.jgit.internal.storage.dfs.DfsPackParser;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.transport.PackedObjectInfo;

/**
 * Reads a pack without letting it take the server's memory: what git's library holds at once (commits, trees, and objects that are stored as differences, with
 * all that these stand on) is bounded. Files that are stored whole are not held, and may be large.
 */
final class BoundedPackParser extends DfsPackParser {
  private final Limits limits;
  private final Deque<Held> chain = new ArrayDeque<>();
  private long chainBytes;
  private boolean isReceived;

  /**
   * @param heldMax bytes of one object that is held
   * @param chainMax bytes of those that stand on one another
   * @param check asked now and then whether to go on; @param refusal for messages
   */
  record Limits(long heldMax, long chainMax, Runnable check, Function<String, TallymanException> refusal) {}

  private record Held(ObjectId id, long bytes) {}

  static final class Inserter extends DfsInserter {
    private final DfsObjDatabase objects;
    private final Limits limits;

    Inserter(DfsObjDatabase objects, Limits limits) {
      super(objects);
      this.objects = objects;
      this.limits = limits;
    }

    @Override
    public DfsPackParser newPackParser(InputStream in) {
      return new BoundedPackParser(objects, this, in, limits);
    }
  }

  private BoundedPackParser(DfsObjDatabase objects, Inserter inserter, InputStream in, Limits limits) {
    super(objects, inserter, in);
    this.limits = limits;
  }

  private void require(long bytes) {
    if (bytes > limits.heldMax()) {
      throw limits.refusal().apply("an object that would be held in memory has " + bytes + " bytes, at most " + limits.heldMax() + " are taken");
    }
  }

  @Override
  protected void onBeginWholeObject(long position, int type, long bytes) throws IOException {
    if (type != Constants.OBJ_BLOB) {
      require(bytes);
    }
    super.onBeginWholeObject(position, type, bytes);
  }

  @Override
  protected void onBeginOfsDelta(long position, long basePosition, long bytes) throws IOException {
    require(bytes);
    super.onBeginOfsDelta(position, basePosition, bytes);
  }

  @Override
  protected void onBeginRefDelta(long position, AnyObjectId base, long bytes) throws IOException {
    require(bytes);
    super.onBeginRefDelta(position, base, bytes);
  }

  /** From here on only differences are worked out, whose results are held. */
  @Override
  protected void onPackFooter(byte[] hash) throws IOException {
    isReceived = true;
    setMaxObjectSizeLimit(limits.heldMax());
    super.onPackFooter(hash);
  }

  @Override
  protected ObjectTypeAndSize seekDatabase(PackedObjectInfo base, ObjectTypeAndSize info) throws IOException {
    limits.check().run();
    ObjectTypeAndSize found = super.seekDatabase(base, info);
    require(found.size);
    chain.clear();
    chainBytes = 0;
    hold(base.copy(), found.size);
    return found;
  }

  @Override
  protected ObjectTypeAndSize seekDatabase(UnresolvedDelta delta, ObjectTypeAndSize info) throws IOException {
    limits.check().run();
    return super.seekDatabase(delta, info);
  }

  @Override
  protected PackedObjectInfo newInfo(AnyObjectId id, UnresolvedDelta delta, ObjectId base) {
    if (isReceived && base != null) {
      while (!chain.isEmpty() && !chain.peek().id().equals(base)) {
        chainBytes -= chain.pop().bytes();
      }
    }
    return super.newInfo(id, delta, base);
  }

  @Override
  protected void onInflatedObjectData(PackedObjectInfo object, int type, byte[] data) throws IOException {
    if (isReceived) {
      hold(object.copy(), data.length);
    }
    super.onInflatedObjectData(object, type, data);
  }

  private void hold(ObjectId id, long bytes) {
    chain.push(new Held(id, bytes));
    chainBytes += bytes;
    if (chainBytes > limits.chainMax()) {
      throw limits.refusal().apply("differences that stand on one another would take " + chainBytes + " bytes of memory, at most " + limits.chainMax() + " are taken");
    }
  }
}
