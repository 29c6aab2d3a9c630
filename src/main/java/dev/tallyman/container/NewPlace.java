package dev.tallyman.container;

import dev.tallyman.web.Given;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A place on a network in a request's body. */
@Schema(description = "Only network is required. links are texts like db:database.")
record NewPlace(
    @Nullable String network, @Nullable String address, @Nullable String mac, @Nullable List<String> aliases, @Nullable List<String> links, @Nullable Integer gatewayPriority,
    @Nullable String address6) {

  /** @throws dev.tallyman.error.TallymanException INVALID */
  PlaceSpec read() {
    if ((aliases != null && aliases.contains(null)) || (links != null && links.contains(null))) {
      throw Refusal.invalid("a list in the body holds null");
    }
    return new PlaceSpec(Given.required(network, "network"), address, mac, aliases, links, gatewayPriority == null ? 0 : gatewayPriority, address6);
  }
}
