package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.device.DeviceRequest;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;

/** Docker's {@code DeviceRequests}: {@code --gpus}, and {@code --device} with a CDI name. */
final class DeviceFields {
  private DeviceFields() {}

  static List<DeviceRequest> read(JsonFields host) {
    return host.objects("DeviceRequests").stream()
        .map(each -> new DeviceRequest(each.text("Driver"), (int) Math.max(-1, Math.min(each.number("Count"), Integer.MAX_VALUE)), each.texts("DeviceIDs"), capabilities(host, each), each.textMap("Options")))
        .toList();
  }

  private static List<List<String>> capabilities(JsonFields host, JsonFields request) {
    List<List<String>> all = new ArrayList<>();
    JsonNode given = request.any("Capabilities");
    for (JsonNode each : given == null ? List.<JsonNode>of() : given) {
      List<String> together = new ArrayList<>();
      for (JsonNode word : each) {
        together.add(word.asText());
      }
      if (!each.isArray()) {
        throw new TallymanException(ErrorKind.INVALID, host.name("DeviceRequests") + ": Capabilities is a list of lists of words");
      }
      all.add(together);
    }
    return all;
  }

  static void write(ObjectNode host, List<DeviceRequest> requests) {
    if (requests.isEmpty()) {
      host.putNull("DeviceRequests");
      return;
    }
    ArrayNode all = host.putArray("DeviceRequests");
    for (DeviceRequest each : requests) {
      ObjectNode one = all.addObject().put("Driver", each.driver()).put("Count", each.count());
      ArrayNode capabilities = Json.texts(List.of());
      each.capabilities().forEach(words -> capabilities.add(Json.texts(words)));
      put(one, "DeviceIDs", Json.texts(each.ids()));
      put(one, "Capabilities", capabilities);
      put(one, "Options", Json.texts(each.options()));
    }
  }

  /** Clients send null where they have nothing to say, and read it again. */
  private static void put(ObjectNode one, String field, JsonNode value) {
    one.set(field, value.isEmpty() ? NullNode.instance : value);
  }
}
