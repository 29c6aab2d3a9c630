package dev.tallyman.dashboard.repository;

import java.io.Serial;

/** Text that refuses to grow without end: a link's target is written once and can be named thousands of times. */
final class BoundedText implements Appendable {
  private static final int MAX_CHARACTERS = 1 << 20;
  private final StringBuilder text = new StringBuilder();

  static final class TooLongException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;
  }

  @Override
  public Appendable append(CharSequence more) {
    return append(more, 0, more.length());
  }

  @Override
  public Appendable append(CharSequence more, int from, int to) {
    if (text.length() + to - from > MAX_CHARACTERS) {
      throw new TooLongException();
    }
    text.append(more, from, to);
    return this;
  }

  @Override
  public Appendable append(char more) {
    return append(String.valueOf(more), 0, 1);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
