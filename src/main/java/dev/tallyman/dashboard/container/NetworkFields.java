package dev.tallyman.dashboard.container;

import dev.tallyman.container.Networking;
import dev.tallyman.container.PlaceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The form's fields about names and addresses on the chosen network, and about further networks. All methods throw {@link WrongInput}. */
final class NetworkFields {
  private final String first;
  private final CreateTexts texts;

  /** @param first name of the chosen network; {@code none} has no places */
  NetworkFields(String first, CreateTexts texts) {
    this.first = first;
    this.texts = texts;
  }

  /** @param typed names between commas or spaces */
  List<String> aliases(String typed) {
    requireNetwork(typed);
    return List.of(typed.split("[,\\s]+")).stream().filter(each -> !each.isEmpty()).toList();
  }

  String address(String typed) {
    requireNetwork(typed);
    return typed;
  }

  /** One line about a further network: Docker's {@code --network}, as {@code NAME,alias=NAME,ip=ADDRESS}; the name may have {@code name=} before it. */
  PlaceSpec place(String line) {
    requireNetwork(line);
    List<String> aliases = new ArrayList<>();
    Map<String, String> once = new TreeMap<>();
    for (String part : line.split(",", -1)) {
      int equals = part.indexOf('=');
      String key = equals >= 0 ? part.substring(0, equals).strip() : once.isEmpty() ? "name" : "";
      String value = part.substring(equals + 1).strip();
      boolean isAlias = key.equals("alias");
      boolean isKnown = isAlias || List.of("name", "ip", "ip6").contains(key);
      if (!isKnown || value.isEmpty() || !isAlias && once.put(key, value) != null) {
        throw new WrongInput(texts.networkWrong(line));
      }
      if (isAlias) {
        aliases.add(value);
      }
    }
    if (!once.containsKey("name")) {
      throw new WrongInput(texts.networkWrong(line));
    }
    return new PlaceSpec(once.get("name"), once.get("ip"), "", aliases, List.of(), 0, once.get("ip6"));
  }

  /** The chosen network is a place of its own as soon as there is another: the network mode alone would give way to it. */
  Networking all(List<String> aliases, String address, List<PlaceSpec> further) {
    if (aliases.isEmpty() && address.isEmpty() && further.isEmpty()) {
      return Networking.none();
    }
    boolean isSix = address.indexOf(':') >= 0;
    List<PlaceSpec> places = new ArrayList<>();
    places.add(new PlaceSpec(first, isSix ? "" : address, "", aliases, List.of(), 0, isSix ? address : ""));
    places.addAll(further);
    return new Networking(places, List.of(), List.of());
  }

  private void requireNetwork(String typed) {
    if (first.equals("none") && !typed.isEmpty()) {
      throw new WrongInput(texts.networkNeeded());
    }
  }
}
