package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.unit.HostPattern;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;

/** The receivers of output that an administrator of the host has listed ({@code tallyman.log.forward-to}). Names are compared as they stand, not looked up. */
@Singleton
public class ForwardList {
  private final List<String> patterns;

  @Inject
  ForwardList(ForwardConfig config) {
    this(config.forwardTo().orElse(List.of()));
  }

  ForwardList(List<String> patterns) {
    this.patterns = patterns.stream().map(each -> each.strip().toLowerCase(Locale.ROOT)).filter(each -> !each.isEmpty()).toList();
  }

  /** @throws TallymanException DENIED */
  public void require(LogReceiver receiver) {
    if (patterns.stream().noneMatch(each -> matches(each, receiver))) {
      throw new TallymanException(
          ErrorKind.DENIED,
          "logging driver " + Refusal.quoted(receiver.driver()) + " may not send to " + receiver.place() + ": tallyman.log.forward-to "
              + (patterns.isEmpty() ? "is empty, so that output is forwarded nowhere" : "does not list it") + "; an administrator of the host adds " + (receiver.isLocal() ? "it" : "host:port") + " there");
    }
  }

  private static boolean matches(String pattern, LogReceiver receiver) {
    if (receiver.isLocal()) {
      return pattern.equals(receiver.place().toLowerCase(Locale.ROOT));
    }
    return !pattern.startsWith("unix:") && HostPattern.of(pattern).matches(receiver.host(), receiver.port());
  }
}
