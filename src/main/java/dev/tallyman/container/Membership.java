package dev.tallyman.container;

import dev.tallyman.network.Networks.Lease;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A container's place on a network, its own from creation to removal.
 *
 * @param isNamed containers find each other by names on it
 * @param isInternal it has no way out
 * @param driver of the network; see {@link #kind}
 */
record Membership(Lease lease, String networkName, boolean isNamed, boolean isInternal, PlaceSpec settings, @Nullable String driver) {
  Membership(Lease lease, String networkName, boolean isNamed, boolean isInternal, PlaceSpec settings) {
    this(lease, networkName, isNamed, isInternal, settings, null);
  }

  /** Absent in records of earlier versions, which had bridges only. */
  String kind() {
    return driver == null ? "bridge" : driver;
  }

  /** Nothing of the host's leads there, so no port is published on it. */
  boolean canPublish() {
    return kind().equals("bridge");
  }

  String networkId() {
    return lease.networkId();
  }

  String mac() {
    return settings.mac().isEmpty() ? lease.mac() : settings.mac();
  }

  Membership with(Lease changed) {
    return new Membership(changed, networkName, isNamed, isInternal, settings, driver);
  }

  /** Names by which neighbours find the container, as Docker has them: its name, aliases, short id and host name. */
  List<String> names(Facts facts) {
    if (!isNamed) {
      return List.of();
    }
    Set<String> names = new LinkedHashSet<>(List.of(facts.name()));
    names.addAll(settings.aliases());
    names.add(facts.shortId());
    names.add(facts.spec().hostname());
    names.remove("");
    return List.copyOf(names);
  }

  /** All in lower case, as they are looked up; the whole id finds it too. */
  dev.tallyman.network.Member member(Facts facts) {
    List<String> names = new ArrayList<>();
    if (isNamed) {
      names(facts).forEach(each -> names.add(each.toLowerCase(Locale.ROOT)));
      names.add(facts.id());
    }
    Map<String, String> links = new TreeMap<>();
    settings.links().forEach(each -> links.put(Link.parse(each).alias().toLowerCase(Locale.ROOT), Link.parse(each).container().toLowerCase(Locale.ROOT)));
    return new dev.tallyman.network.Member(facts.id(), facts.name(), facts.team(), names.stream().distinct().toList(), links);
  }

  /** {@code container:alias}; the alias is the container's name where there is none. */
  record Link(String container, String alias) {
    static Link parse(String text) {
      int colon = text.lastIndexOf(':');
      String container = colon < 0 ? text : text.substring(0, colon);
      String plain = container.startsWith("/") ? container.substring(1) : container;
      String alias = colon < 0 ? plain : text.substring(colon + 1);
      // Docker shows links as /target:/own/alias and takes them back.
      return new Link(plain, alias.substring(alias.lastIndexOf('/') + 1));
    }

    @Override
    public String toString() {
      return container + ":" + alias;
    }
  }
}
