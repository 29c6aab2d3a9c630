package dev.tallyman.container;

import dev.tallyman.identity.Caller;
import dev.tallyman.network.Networks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Links on the network that is everybody's, where there are no names: lines of /etc/hosts, variables of the linked container, and {@code OWNER/ALIAS} as a
 * further name of it (moby, daemon/links). On other networks a link is a name of the place there.
 */
@Singleton
public class LegacyLinks {
  /** A container's variables, and those that links copy, must fit into one request. */
  private static final int MAX_VARIABLES_CHARS = 64 << 10;

  private final Inventory inventory;

  @Inject
  LegacyLinks(Inventory inventory) {
    this.inventory = inventory;
  }

  private record Linked(String owner, Membership.Link link, Facts target) {
    String name() {
      return "/" + owner + "/" + link.alias();
    }

    /** Its place on the default network; absent if it was taken off. */
    Networks.@Nullable Lease lease() {
      return target.memberships().stream().filter(each -> !each.isNamed()).map(Membership::lease).findFirst().orElse(null);
    }
  }

  /** @param exposed of the container that is linked, {@code 80/tcp} */
  private record Port(int number, String protocol) {
    static List<Port> of(Facts target) {
      return target.exposedPorts().stream()
          .map(each -> each.split("/", 2))
          .filter(each -> each[0].matches("\\d{1,5}"))
          .map(each -> new Port(Integer.parseInt(each[0]), each[1]))
          .sorted(Comparator.comparing((Port each) -> !each.protocol.equals("tcp")).thenComparing(Port::protocol).thenComparing(Port::number))
          .toList();
    }

    String url(String address) {
      return protocol + "://" + address + ":" + number;
    }

    String prefix(String alias) {
      return alias + "_PORT_" + number + "_" + protocol.toUpperCase(Locale.ROOT);
    }

    boolean follows(Port before) {
      return number == before.number + 1 && protocol.equals(before.protocol);
    }
  }

  /** Without those to a container that is gone: as with dockerd, the link went with it. */
  private List<Linked> of(Facts owner) {
    if (!owner.spec().networkMode().equals(Placing.BRIDGE)) {
      return List.of();
    }
    List<Linked> all = new ArrayList<>();
    for (String each : owner.spec().networking().links()) {
      Membership.Link link = Membership.Link.parse(each);
      Cell target = inventory.findLinked(owner, link);
      if (target != null) {
        all.add(new Linked(owner.name(), link, target.facts()));
      }
    }
    return all;
  }

  /** Lines of /etc/hosts. @throws dev.tallyman.error.TallymanException CONFLICT for one that does not run */
  List<String> lines(Facts owner) {
    List<String> lines = new ArrayList<>();
    for (Linked each : of(owner)) {
      Networks.Lease lease = each.lease();
      if (lease == null) {
        throw Refusal.conflict("Cannot link to /" + each.target.name() + ", as it does not belong to the default network");
      }
      if (!each.target.state().isAlive()) {
        throw Refusal.conflict("Cannot link to a non running container: /" + each.target.name() + " AS " + each.name());
      }
      String names = "\t" + each.link.alias() + " " + Sandboxing.hostname(each.target) + " " + each.target.name();
      lines.add(lease.address() + names);
      if (lease.six() != null) {
        lines.add(lease.six().address() + names);
      }
    }
    return lines;
  }

  /** What its first process learns of those that run. @throws dev.tallyman.error.TallymanException CONFLICT where that is too much */
  List<String> required(Facts owner) {
    return variables(
        owner,
        () -> {
          throw Refusal.conflict(
              "the variables of the links of /" + owner.name() + " have more than " + MAX_VARIABLES_CHARS + " characters: put the containers on a network of their own, where links make none");
        });
  }

  /** The same for what is run in it later. The names lead to other containers by then, perhaps: of those that do not fit any more, there is nothing. */
  public List<String> variables(Container owner) {
    Cell cell = owner.spec().networking().links().isEmpty() ? null : inventory.get(owner.id());
    return cell == null ? List.of() : variables(cell.facts(), () -> {});
  }

  private List<String> variables(Facts owner, Runnable tooMany) {
    List<String> all = new ArrayList<>();
    int left = MAX_VARIABLES_CHARS;
    for (Linked each : of(owner)) {
      Networks.Lease lease = each.lease();
      List<String> those = new ArrayList<>();
      if (lease != null && each.target.state().isAlive()) {
        add(those, each, lease.address());
      }
      left -= those.stream().mapToInt(String::length).sum();
      if (left < 0) {
        tooMany.run();
        return all;
      }
      all.addAll(those);
    }
    return all;
  }

  private static void add(List<String> all, Linked linked, String address) {
    String alias = linked.link.alias().toUpperCase(Locale.ROOT).replace('-', '_');
    List<Port> ports = Port.of(linked.target);
    if (!ports.isEmpty()) {
      all.add(alias + "_PORT=" + ports.get(0).url(address));
    }
    for (int first = 0, last; first < ports.size(); first = last + 1) {
      last = first;
      while (last + 1 < ports.size() && ports.get(last + 1).follows(ports.get(last))) {
        last++;
      }
      ports.subList(first, last + 1).forEach(each -> add(all, each, each.prefix(alias), address));
      if (last > first) {
        addRange(all, ports.get(first), ports.get(last), ports.get(first).prefix(alias), address);
      }
    }
    all.add(alias + "_NAME=" + linked.name());
    for (String each : linked.target.plan().env()) {
      if (each.indexOf('=') > 0 && !each.startsWith("HOME=") && !each.startsWith("PATH=")) {
        all.add(alias + "_ENV_" + each);
      }
    }
  }

  private static void add(List<String> all, Port port, String prefix, String address) {
    all.add(prefix + "=" + port.url(address));
    all.add(prefix + "_ADDR=" + address);
    all.add(prefix + "_PORT=" + port.number);
    all.add(prefix + "_PROTO=" + port.protocol);
  }

  private static void addRange(List<String> all, Port first, Port last, String prefix, String address) {
    all.add(prefix + "_START=" + first.url(address));
    all.add(prefix + "_PORT_START=" + first.number);
    all.add(prefix + "_END=" + last.url(address));
    all.add(prefix + "_PORT_END=" + last.number);
  }

  /** The further names of containers, with their slashes, by id. */
  public Map<String, List<String>> names(Caller caller) {
    Map<String, TreeSet<String>> found = new HashMap<>();
    for (Cell owner : inventory.visible(caller)) {
      for (String each : owner.facts().spec().networkMode().equals(Placing.BRIDGE) ? owner.facts().spec().networking().links() : List.<String>of()) {
        Membership.Link link = Membership.Link.parse(each);
        Cell target = inventory.findLinked(owner.facts(), link);
        if (target != null) {
          found.computeIfAbsent(target.id, id -> new TreeSet<>()).add("/" + owner.facts().name() + "/" + link.alias());
        }
      }
    }
    Map<String, List<String>> names = new HashMap<>();
    found.forEach((id, each) -> names.put(id, List.copyOf(each)));
    return names;
  }
}
