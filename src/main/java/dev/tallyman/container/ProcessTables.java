package dev.tallyman.container;

import dev.tallyman.container.Containers.ProcessTable;
import dev.tallyman.kernel.Processes;
import dev.tallyman.kernel.Processes.Running;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Shows processes as ps(1) does, for the arguments that people use: {@code -ef}, {@code aux}, {@code -o columns}. No program is run. */
@Singleton
class ProcessTables {
  private static final String SORT = "--sort=";
  /** Column of {@code -f}: titled as the number, but a name. Nobody can ask for it: commas part names. */
  private static final String FULL_USER = "f,uid";

  private final Processes processes;

  @Inject
  ProcessTables(Processes processes) {
    this.processes = processes;
  }

  /** @param order of what is shown, which the text of a number or of a time does not have; whatever a workload calls itself is a text */
  private record Column(String title, Function<Running, String> value, Comparator<Running> order) {}

  private static final Map<String, Column> COLUMNS =
      Map.ofEntries(
          user("uid", "UID", Running::user), user("user", "USER", ProcessTables::userName), user(FULL_USER, "UID", ProcessTables::userName), number("pid", "PID", Running::pid), number("ppid", "PPID", Running::parentPid), number("c", "C", p -> (long) p.cpuPercent()),
          column("stime", "STIME", p -> started(p.startedAt()), Comparator.comparing(Running::startedAt)),
          column("start", "START", p -> started(p.startedAt()), Comparator.comparing(Running::startedAt)), text("tty", "TTY", Running::terminal),
          column("time", "TIME", p -> clock(p.cpuTime()), Comparator.comparing(Running::cpuTime)),
          column("bsdtime", "TIME", p -> minutes(p.cpuTime()), Comparator.comparing(Running::cpuTime)), text("cmd", "CMD", Running::command),
          text("command", "COMMAND", Running::command), text("args", "COMMAND", Running::command), text("comm", "COMMAND", Running::name),
          column("%cpu", "%CPU", p -> percent(p.cpuPercent()), Comparator.comparingDouble(Running::cpuPercent)),
          column("pcpu", "%CPU", p -> percent(p.cpuPercent()), Comparator.comparingDouble(Running::cpuPercent)), text("%mem", "%MEM", p -> "0.0"), text("pmem", "%MEM", p -> "0.0"),
          number("vsz", "VSZ", p -> p.virtualBytes() / 1024), number("rss", "RSS", p -> p.residentBytes() / 1024), text("stat", "STAT", p -> String.valueOf(p.state())),
          text("s", "S", p -> String.valueOf(p.state())), number("ni", "NI", Running::nice), number("nlwp", "NLWP", Running::threads),
          column("etime", "ELAPSED", p -> clock(Duration.between(p.startedAt(), Instant.now())), Comparator.comparing(Running::startedAt).reversed()));

  private static Map.Entry<String, Column> column(String key, String title, Function<Running, String> value, Comparator<Running> order) {
    return Map.entry(key, new Column(title, value, order));
  }

  private static Map.Entry<String, Column> text(String key, String title, Function<Running, String> value) {
    return column(key, title, value, Comparator.comparing(value));
  }

  private static Map.Entry<String, Column> number(String key, String title, ToLongFunction<Running> value) {
    return column(key, title, process -> String.valueOf(value.applyAsLong(process)), Comparator.comparingLong(value));
  }

  /** A number, though a text: shorter ones are less. */
  private static Map.Entry<String, Column> user(String key, String title, Function<Running, String> value) {
    return column(key, title, value, Comparator.<Running>comparingInt(process -> process.user().length()).thenComparing(Running::user));
  }

  /** Of the names only root's is the same in each container. */
  private static String userName(Running process) {
    return process.user().equals("0") ? "root" : process.user();
  }

  ProcessTable top(Facts facts, String psArgs) {
    if (facts.state() == ContainerState.RESTARTING) {
      throw Refusal.conflict("container " + facts.id() + " is restarting, wait until the container is running");
    }
    if (!facts.state().isAlive()) {
      throw Refusal.conflict("container " + facts.id() + " is not running");
    }
    return table(processes.of(facts.status().pid()), psArgs);
  }

  static ProcessTable table(List<Running> running, String psArgs) {
    List<String> words = List.of(psArgs.strip().split("\\s+"));
    String shown = String.join(" ", words.stream().filter(word -> !word.startsWith(SORT)).toList());
    List<Column> columns = columns(shown.isEmpty() ? "-ef" : shown);
    Comparator<Running> order = order(words.stream().filter(word -> word.startsWith(SORT)).map(word -> word.substring(SORT.length())).toList());
    List<List<String>> rows = running.stream().sorted(order).map(process -> columns.stream().map(column -> column.value().apply(process)).toList()).toList();
    return new ProcessTable(columns.stream().map(Column::title).toList(), rows);
  }

  /** @param lists of columns, each behind + or -, as in {@code --sort=-rss,+pid}; none leaves the order as it is */
  private static Comparator<Running> order(List<String> lists) {
    Comparator<Running> order = (one, other) -> 0;
    for (String key : String.join(",", lists).split(",")) {
      if (!key.isEmpty()) {
        Comparator<Running> next = column(key.replaceFirst("^[+-]", "").toLowerCase(Locale.ROOT), "sort").order();
        order = order.thenComparing(key.startsWith("-") ? next.reversed() : next);
      }
    }
    return order;
  }

  private static List<Column> columns(String args) {
    List<String> words = List.of(args.split("[\\s]+"));
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("-o") || word.equals("-eo") || word.equals("o")) {
        return chosen(String.join(",", words.subList(i + 1, words.size())));
      }
      if (word.startsWith("-o") || word.startsWith("-eo")) {
        return chosen(word.substring(word.indexOf('o') + 1));
      }
    }
    String flags = String.join("", words).replace("-", "");
    if (!flags.matches("[A-Za-z]*")) {
      throw unknown(args);
    }
    if (flags.contains("u") && !args.startsWith("-")) {
      return keys("user", "pid", "%cpu", "%mem", "vsz", "rss", "tty", "stat", "start", "bsdtime", "command");
    }
    return flags.contains("f") || flags.isEmpty() ? keys(FULL_USER, "pid", "ppid", "c", "stime", "tty", "time", "cmd") : keys("pid", "tty", "time", "cmd");
  }

  private static List<Column> chosen(String list) {
    List<String> names = new ArrayList<>();
    for (String name : list.split(",")) {
      if (!name.isBlank()) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    if (names.isEmpty()) {
      throw unknown("-o " + list);
    }
    List<Column> columns = keys(names.toArray(String[]::new));
    if (!names.contains("pid")) {
      throw Refusal.invalid("Couldn't find PID field in ps output");
    }
    return columns;
  }

  private static List<Column> keys(String... names) {
    return Stream.of(names).map(each -> column(each, "user-defined format")).toList();
  }

  /** @param use what the name is given for, as ps calls it */
  private static Column column(String name, String use) {
    Column column = COLUMNS.get(name);
    if (column == null) {
      throw Refusal.invalid("ps: error: unknown " + use + " specifier " + Refusal.quoted(name) + "; known are " + String.join(", ", new TreeSet<>(COLUMNS.keySet()).tailSet("a")));
    }
    return column;
  }

  private static RuntimeException unknown(String args) {
    return Refusal.invalid("ps arguments " + Refusal.quoted(args) + " are not supported; use -ef, aux, or -o with column names");
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String started(Instant at) {
    boolean isToday = Duration.between(at, Instant.now()).toHours() < 24;
    return DateTimeFormatter.ofPattern(isToday ? "HH:mm" : "MMMdd", Locale.ROOT).withZone(ZoneId.systemDefault()).format(at);
  }

  private static String clock(Duration time) {
    return String.format(Locale.ROOT, "%02d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
  }

  private static String minutes(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}
