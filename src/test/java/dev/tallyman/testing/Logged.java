package dev.tallyman.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/** What a class writes to the log as long as this is open. */
public final class Logged extends Handler implements AutoCloseable {
  private static final PatternFormatter MESSAGE = new PatternFormatter("%s");

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;

  private Logged(Logger logger) {
    this.logger = logger;
  }

  public static Logged of(Class<?> type) {
    Logged logged = new Logged(Logger.getLogger(type.getName()));
    logged.logger.addHandler(logged);
    return logged;
  }

  /** The lines that have a text in them, in their order. */
  public List<String> with(String text) {
    return lines.stream().filter(each -> each.contains(text)).toList();
  }

  @Override
  public void publish(LogRecord line) {
    lines.add(MESSAGE.format(line));
  }

  @Override
  public void flush() {
    // nothing is kept back
  }

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
