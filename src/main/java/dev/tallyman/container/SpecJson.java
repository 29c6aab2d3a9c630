package dev.tallyman.container;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.network.Networks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stored forms of what a container was asked to be. Fields that a later version wrote are skipped; those it lacks are absent. */
final class SpecJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
  private static final TypeReference<List<PublishedPort>> PORTS = new TypeReference<>() {};
  private static final TypeReference<List<Membership>> MEMBERSHIPS = new TypeReference<>() {};

  private SpecJson() {}

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record without cycles can be written", e);
    }
  }

  static ContainerSpec spec(String json) {
    try {
      return MAPPER.readValue(json, ContainerSpec.class);
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  static Plan plan(String json) {
    try {
      return MAPPER.readValue(json, Plan.class);
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  static List<PublishedPort> ports(String json) {
    try {
      return MAPPER.readValue(json, PORTS);
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  /** @param json absent for rows of earlier versions, which had one place on the network {@code bridge}; its prefix is found when it is reserved */
  static List<Membership> memberships(@Nullable String json, @Nullable String network, @Nullable String address) {
    if (json == null) {
      return network == null || address == null
          ? List.of()
          : List.of(new Membership(new Networks.Lease(network, address, 16, "", ""), "bridge", false, false, PlaceSpec.plain("bridge")));
    }
    try {
      return MAPPER.readValue(json, MEMBERSHIPS);
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  private static IllegalStateException damaged(JsonProcessingException e) {
    return new IllegalStateException("the inventory holds a damaged container record", e);
  }
}
