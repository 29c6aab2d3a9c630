package dev.tallyman.container;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the creator of a container asked for about its networks, beside the one that its network mode names.
 *
 * @param places settings of places on networks; one for the network of the network mode may be among them
 * @param links {@code container:alias}: names for containers on the first network
 * @param allowedSources ranges of addresses that may use the published ports, e.g. {@code 10.0.0.0/8}; none = all
 */
public record Networking(List<PlaceSpec> places, List<String> links, List<String> allowedSources) {
  public Networking(@Nullable List<PlaceSpec> places, @Nullable List<String> links, @Nullable List<String> allowedSources) {
    this.places = places == null ? List.of() : List.copyOf(places);
    this.links = links == null ? List.of() : List.copyOf(links);
    this.allowedSources = allowedSources == null ? List.of() : List.copyOf(allowedSources);
  }

  /** As Docker shows them, {@code /target:/owner/alias}; it takes them back in this form. @param owner name of the container that has them */
  public List<String> shownLinks(String owner) {
    return links.stream().map(Membership.Link::parse).map(each -> "/" + each.container() + ":/" + owner + "/" + each.alias()).toList();
  }

  public static Networking none() {
    return new Networking(List.of(), List.of(), List.of());
  }
}
