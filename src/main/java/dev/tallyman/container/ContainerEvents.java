package dev.tallyman.container;

import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Facts about containers in Docker's words. Call after the commit. */
@Singleton
class ContainerEvents {
  private final Events events;

  @Inject
  ContainerEvents(Events events) {
    this.events = events;
  }

  void publish(Caller caller, Facts facts, String action) {
    publish(caller, facts, action, Map.of());
  }

  void publish(Caller caller, Facts facts, String action, Map<String, String> more) {
    Map<String, String> attributes = new HashMap<>(facts.plan().labels());
    attributes.put("name", facts.name());
    attributes.put("image", facts.spec().image());
    attributes.remove(Event.STARTED_BY);
    attributes.putAll(more);
    events.publish(new Event(caller, "container", action, facts.id(), facts.team(), attributes, Instant.now()));
  }

  /** Of all containers of the caller's team that were not needed. */
  void publishPrune(Caller caller, long reclaimedBytes) {
    events.publish(new Event(caller, "container", "prune", "", caller.team(), Map.of("reclaimed", String.valueOf(reclaimedBytes)), Instant.now()));
  }

  /** @param action connect or disconnect; of all its networks */
  void publishNetworks(Caller caller, Facts facts, String action) {
    facts.memberships().forEach(each -> publishNetwork(caller, facts, each, action));
  }

  void publishNetwork(Caller caller, Facts facts, Membership place, String action) {
    Map<String, String> attributes = Map.of("container", facts.id(), "name", place.networkName(), "type", place.kind());
    events.publish(new Event(caller, "network", action, place.networkId(), facts.team(), attributes, Instant.now()));
  }
}
