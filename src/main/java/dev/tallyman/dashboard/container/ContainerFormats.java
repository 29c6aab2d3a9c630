package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerState;
import dev.tallyman.container.Health;
import dev.tallyman.container.SpecialOptions;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.SandboxSpec;
import io.quarkus.qute.TemplateExtension;
import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How containers look in pages. */
@TemplateExtension
final class ContainerFormats {
  private ContainerFormats() {}

  /** False for what people look for first when something is wrong. */
  static boolean isHealthy(Container container) {
    boolean endedBadly = container.state() == ContainerState.EXITED && (container.exitCode() != 0 || !container.isEndKnown());
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

  static String checkInterval(Container container) {
    return duration(container.life().interval());
  }

  static String runtimeLimit(Container container) {
    return duration(Duration.ofSeconds(container.life().maxRuntimeSeconds()));
  }

  /** As it is typed in the form: 1h30m, 500ms. */
  private static String duration(Duration length) {
    if (length.toMillis() < 1000) {
      return length.toMillis() + "ms";
    }
    String text = length.toHours() > 0 ? length.toHours() + "h" : "";
    text += length.toMinutesPart() > 0 ? length.toMinutesPart() + "m" : "";
    return text + (length.toSecondsPart() > 0 ? length.toSecondsPart() + "s" : "");
  }

  /** Without what would steer a terminal. */
  static String plainOutput(Health.Check check) {
    return TerminalText.plain(check.output()).strip();
  }

  /** Newest first. */
  static List<Health.Check> reversed(List<Health.Check> checks) {
    List<Health.Check> turned = new ArrayList<>(checks);
    Collections.reverse(turned);
    return turned;
  }

  /** The options of the create form that are on, in Docker's words. */
  static String switches(Container container) {
    ContainerSpec spec = container.spec();
    List<String> on = new ArrayList<>();
    add(on, spec.isTty(), "tty");
    add(on, spec.isStdinOpen(), "interactive");
    add(on, Boolean.TRUE.equals(spec.hasInit()), "init");
    add(on, spec.isReadOnly(), "read-only");
    add(on, spec.isRemovedAtExit(), "rm");
    add(on, spec.isPrivileged(), "privileged");
    spec.capAdd().forEach(name -> on.add("cap-add " + name));
    spec.capDrop().forEach(name -> on.add("cap-drop " + name));
    // A profile of system calls may have thousands of lines.
    spec.securityOptions().forEach(option -> on.add(option.startsWith("seccomp={") ? "seccomp=profile" : option));
    addSpecial(on, spec.special());
    addFine(on, spec.limits().fine());
    add(on, !spec.logDriver().isEmpty() && !spec.logDriver().equals("json-file"), "log-driver " + spec.logDriver());
    return on.isEmpty() ? "–" : String.join(", ", on);
  }

  private static void addSpecial(List<String> on, SpecialOptions special) {
    add(on, !special.pidMode().isEmpty(), "pid " + special.pidMode());
    add(on, !special.ipcMode().isEmpty(), "ipc " + special.ipcMode());
    add(on, !special.utsMode().isEmpty(), "uts " + special.utsMode());
    add(on, !special.cgroupMode().isEmpty(), "cgroupns " + special.cgroupMode());
    special.devices().forEach(each -> on.add("device " + each.onHost() + ":" + each.inContainer() + ":" + each.access()));
    special.deviceRequests().forEach(each -> on.add("device " + (each.ids().isEmpty() ? each.capabilities() + ":" + each.count() : String.join(", ", each.ids()))));
    special.deviceRules().forEach(each -> on.add("device-cgroup-rule " + each));
  }

  private static void addFine(List<String> on, FineLimits fine) {
    add(on, !fine.cpusetMems().isEmpty(), "cpuset-mems " + fine.cpusetMems());
    add(on, fine.swappiness() != null, "memory-swappiness " + fine.swappiness());
    add(on, fine.realtimeRuntimeMicros() > 0, "cpu-rt-runtime " + fine.realtimeRuntimeMicros());
    add(on, fine.blockWeight() > 0, "blkio-weight " + fine.blockWeight());
    fine.blockLimits().forEach(each -> on.add(each.kind().name().toLowerCase(Locale.ROOT).replace('_', '-') + " " + each.device() + ":" + each.value()));
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
    // Of one that ended well, some other process was killed before.
    return container.isOomKilled() && container.exitCode() != 0 ? texts.stateOutOfMemory() : texts.stateExited(container.exitCode());
  }
}
