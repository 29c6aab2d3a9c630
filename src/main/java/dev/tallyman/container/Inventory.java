package dev.tallyman.container;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The living containers of this machine in memory, and who may see them. */
@Singleton
class Inventory {
  private final ConcurrentSkipListMap<String, Cell> byId = new ConcurrentSkipListMap<>();
  private final ConcurrentMap<Name, String> names = new ConcurrentHashMap<>();

  private record Name(long team, String name) {}

  /**
   * Takes a name for a container that is about to be.
   *
   * @throws TallymanException ALREADY_EXISTS
   */
  void claim(long team, String name, String id) {
    String holder = names.putIfAbsent(new Name(team, name), id);
    if (holder != null) {
      throw new TallymanException(
          ErrorKind.ALREADY_EXISTS,
          "Conflict. The container name " + Refusal.quoted("/" + name) + " is already in use by container " + Refusal.quoted(holder)
              + ". You have to remove (or rename) that container to be able to reuse that name.");
    }
  }

  boolean isFree(long team, String name) {
    return !names.containsKey(new Name(team, name));
  }

  void unclaim(long team, String name, String id) {
    names.remove(new Name(team, name), id);
  }

  /** Its name must have been claimed. */
  void add(Cell cell) {
    byId.put(cell.id, cell);
  }

  void drop(Cell cell) {
    byId.remove(cell.id);
    unclaim(cell.team, cell.facts().name(), cell.id);
  }

  @Nullable Cell get(String id) {
    return byId.get(id);
  }

  Collection<Cell> all() {
    return byId.values();
  }

  List<Cell> visible(Caller caller) {
    return byId.values().stream().filter(cell -> caller.sees(cell.team)).toList();
  }

  /** Looks up as Docker does: whole id, then name, also one by a link ({@code OWNER/ALIAS}), then unique beginning of an id. */
  Cell find(Caller caller, String given) {
    String name = given.startsWith("/") ? given.substring(1) : given;
    int slash = name.indexOf('/');
    return slash < 0 ? plain(caller, given, name) : byLink(caller, given, name.substring(0, slash), name.substring(slash + 1));
  }

  private Cell byLink(Caller caller, String given, String owner, String alias) {
    String id = names.get(new Name(caller.team(), owner));
    Cell found = id == null ? null : byId.get(id);
    if (found != null && found.facts().spec().networkMode().equals(Placing.BRIDGE)) {
      for (String each : found.facts().spec().networking().links()) {
        Membership.Link link = Membership.Link.parse(each);
        Cell target = link.alias().equals(alias) ? findLinked(found.facts(), link) : null;
        if (target != null) {
          return target;
        }
      }
    }
    throw Refusal.absent(given);
  }

  /**
   * Whose network a link of the default network leads to: a container that shares another's network stands for that one. Absent if it is gone. A link is
   * a name within its team, whoever made it, or a whole id, and never a part of one: what it means later must not be another's container.
   */
  @Nullable Cell findLinked(Facts owner, Membership.Link link) {
    String named = names.get(new Name(owner.team(), link.container()));
    Cell found = byId.get(named == null ? link.container() : named);
    try {
      Cell target = found == null ? null : networkOwner(found);
      return target == null || target.team != owner.team() ? null : target;
    } catch (TallymanException e) {
      return null;
    }
  }

  /** It shares the network of one that was there before it, so this ends. */
  Cell networkOwner(Cell cell) {
    String target = Modes.target(cell.facts().spec().networkMode());
    if (target.isEmpty()) {
      return cell;
    }
    Cell other = byId.get(target);
    if (other == null) {
      throw Refusal.absent(target);
    }
    return networkOwner(other);
  }

  private Cell plain(Caller caller, String given, String name) {
    Cell byWholeId = byId.get(name);
    if (byWholeId != null && caller.sees(byWholeId.team)) {
      return byWholeId;
    }
    String named = names.get(new Name(caller.team(), name));
    Cell byName = named == null ? null : byId.get(named);
    return byName != null ? byName : byPrefix(caller, given, name);
  }

  private Cell byPrefix(Caller caller, String given, String prefix) {
    Cell found = null;
    if (!prefix.isEmpty() && prefix.length() < 64) {
      for (Cell cell : byId.tailMap(prefix, true).values()) {
        if (!cell.id.startsWith(prefix)) {
          break;
        }
        if (caller.sees(cell.team)) {
          if (found != null) {
            throw Refusal.invalid("multiple IDs found with provided prefix: " + prefix);
          }
          found = cell;
        }
      }
    }
    if (found == null) {
      throw Refusal.absent(given);
    }
    return found;
  }

  /** A running container that has the host port, at the address or at all of them. */
  @Nullable Cell holder(String protocol, String address, int hostPort, String exceptId) {
    for (Cell cell : byId.values()) {
      for (PublishedPort port : cell.facts().ports()) {
        boolean isSame = port.hostPort() == hostPort && port.protocol().equals(protocol);
        if (isSame && meets(port.hostAddress(), address) && cell.state().isAlive() && !cell.id.equals(exceptId)) {
          return cell;
        }
      }
    }
    return null;
  }

  /** Within a family: the host port at an address of the other one is another. */
  private static boolean meets(String one, String other) {
    String any = one.indexOf(':') >= 0 ? "::" : "0.0.0.0";
    return one.indexOf(':') >= 0 == other.indexOf(':') >= 0 && (one.equals(other) || one.equals(any) || other.equals(any));
  }

  /** True if some container has the host port among its own, whether it runs or not. */
  boolean hasPort(String protocol, int hostPort) {
    for (Cell cell : byId.values()) {
      for (PublishedPort port : cell.facts().ports()) {
        if (port.hostPort() == hostPort && port.protocol().equals(protocol)) {
          return true;
        }
      }
    }
    return false;
  }
}
