package dev.tallyman.build;

import dev.tallyman.distribution.TransferProgress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Lets stages that run side by side speak one after the other, in the order in which they are written: the first that has not ended speaks at
 * once, what the others say waits for their turn. Nothing is lost: a stage for which too much waits speaks at once from then on.
 */
final class StageOutputs implements StageVoices {
  /** What waits of one stage, in characters; 16 stages of a build then take some 64 MiB. */
  private static final int MOST_WAITING = 2 << 20;
  /** A word takes up more than its characters, and a command may write each by itself. */
  private static final int EACH = 100;

  private final BuildOutput out;
  private final List<Integer> order;
  private final Map<Integer, Voice> voices = new HashMap<>();
  private int turn;

  /** @param order numbers of the stages, as their turns come */
  StageOutputs(BuildOutput out, List<Integer> order) {
    this.out = out;
    this.order = List.copyOf(order);
    order.forEach(each -> voices.put(each, new Voice()));
  }

  @Override
  public BuildOutput of(int stage) {
    return voice(stage);
  }

  private Voice voice(int stage) {
    Voice voice = voices.get(stage);
    if (voice == null) {
      throw new IllegalStateException("stage " + stage + " is not built");
    }
    return voice;
  }

  @Override
  public synchronized void ended(int stage) {
    voice(stage).hasEnded = true;
    while (turn < order.size()) {
      Voice voice = voice(order.get(turn));
      voice.release();
      if (!voice.hasEnded) {
        return;
      }
      turn++;
    }
  }

  /** All that waits is said; that of the stage that failed in the end, so that it stands above the error. */
  @Override
  public synchronized void failed(int stage) {
    order.stream().filter(each -> each != stage).forEach(each -> voice(each).release());
    voice(stage).release();
  }

  /** One stage's. */
  private final class Voice implements BuildOutput, TransferProgress {
    private final Deque<Consumer<BuildOutput>> waiting = new ArrayDeque<>();
    private long characters;
    private boolean isOverfull;
    private boolean hasEnded;

    private boolean speaks() {
      return isOverfull || (turn < order.size() && voice(order.get(turn)) == this);
    }

    private void say(int length, Consumer<BuildOutput> word) {
      synchronized (StageOutputs.this) {
        if (speaks()) {
          word.accept(out);
          return;
        }
        waiting.add(word);
        characters += length + EACH;
        if (characters > MOST_WAITING) {
          isOverfull = true;
          release();
        }
      }
    }

    private void release() {
      while (!waiting.isEmpty()) {
        waiting.remove().accept(out);
      }
      characters = 0;
    }

    @Override
    public void text(String text) {
      say(text.length(), to -> to.text(text));
    }

    @Override
    public void errors(String text) {
      say(text.length(), to -> to.errors(text));
    }

    @Override
    public void step(int number, int count, String text) {
      say(text.length(), to -> to.step(number, count, text));
    }

    @Override
    public void reused() {
      say(0, BuildOutput::reused);
    }

    @Override
    public void remark(String line) {
      say(line.length(), to -> to.remark(line));
    }

    @Override
    public void phase(String name) {
      say(name.length(), to -> to.phase(name));
    }

    @Override
    public void made(String image) {
      say(image.length(), to -> to.made(image));
    }

    @Override
    public TransferProgress transfer() {
      return this;
    }

    @Override
    public void line(String text) {
      say(text.length(), to -> to.transfer().line(text));
    }

    @Override
    public void status(String id, String status) {
      say(id.length() + status.length(), to -> to.transfer().status(id, status));
    }

    /** Numbers that nobody could see in time are not worth keeping. */
    @Override
    public void bytes(String id, String status, long current, long total) {
      synchronized (StageOutputs.this) {
        if (speaks()) {
          out.transfer().bytes(id, status, current, total);
        }
      }
    }
  }
}
