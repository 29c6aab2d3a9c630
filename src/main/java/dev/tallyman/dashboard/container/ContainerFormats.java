package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerState;
import dev.tallyman.kernel.SandboxSpec;
import io.quarkus.qute.TemplateExtension;
import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** How containers look in pages. */
@TemplateExtension
final class ContainerFormats {
  private ContainerFormats() {}

  /** False for what people look for first when something is wrong. */
  static boolean isHealthy(Container container) {
    boolean endedBadly = container.state() == ContainerState.EXITED && (container.exitCode() != 0 || container.isOomKilled() || !container.isEndKnown());
    return !endedBadly;
  }

  static String stateText(Container container, String language) {
    ContainerTexts texts = MessageBundles.get(ContainerTexts.class, Localized.Literal.of(language));
    if (container.removedAt() != null) {
      return texts.stateRemoved();
    }
    return switch (container.state()) {
      case CREATED -> texts.stateCreated();
      case RUNNING -> texts.stateRunning();
      case PAUSED -> texts.statePaused();
      case RESTARTING -> texts.stateRestarting();
      case EXITED -> exitText(container, texts);
      case REMOVING -> texts.stateRemoving();
      case REMOVED -> texts.stateRemoved();
    };
  }

  /** The options of the create form that are on, in Docker's words. */
  static String switches(Container container) {
    ContainerSpec spec = container.spec();
    List<String> on = new ArrayList<>();
    add(on, spec.isTty(), "tty");
    add(on, spec.isStdinOpen(), "interactive");
    add(on, spec.hasInit(), "init");
    add(on, spec.isReadOnly(), "read-only");
    add(on, spec.isRemovedAtExit(), "rm");
    add(on, spec.isPrivileged(), "privileged");
    spec.capAdd().forEach(name -> on.add("cap-add " + name));
    spec.capDrop().forEach(name -> on.add("cap-drop " + name));
    on.addAll(spec.securityOptions());
    return on.isEmpty() ? "–" : String.join(", ", on);
  }

  /** Limit of CPU time in CPUs. */
  static String cpus(Container container) {
    SandboxSpec.Limits limits = container.spec().limits();
    long period = limits.cpuPeriodMicros() == 0 ? 100_000 : limits.cpuPeriodMicros();
    return BigDecimal.valueOf(limits.cpuQuotaMicros()).divide(BigDecimal.valueOf(period), 3, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString();
  }

  /** A cell of a process table: its command line is chosen by the program and may hold anything. */
  static String plain(String text) {
    return TerminalText.plain(text);
  }

  /** Host to put into a link to a published port: the one that the reader used, unless the port is bound to one address. */
  static String linkHost(Container.PublishedPort port, String host) {
    boolean isAny = port.hostAddress().isEmpty() || port.hostAddress().equals("0.0.0.0") || port.hostAddress().equals("::");
    return isAny ? host : port.hostAddress();
  }

  private static void add(List<String> list, boolean isOn, String word) {
    if (isOn) {
      list.add(word);
    }
  }

  private static String exitText(Container container, ContainerTexts texts) {
    if (!container.isEndKnown()) {
      return texts.stateEndUnknown();
    }
    return container.isOomKilled() ? texts.stateOutOfMemory() : texts.stateExited(container.exitCode());
  }
}
