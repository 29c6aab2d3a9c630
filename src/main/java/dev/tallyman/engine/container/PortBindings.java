package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}. */
final class PortBindings {
  private PortBindings() {}

  static List<PortBinding> read(JsonFields host) {
    List<PortBinding> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> port : host.map("PortBindings").entrySet()) {
      String path = host.name("PortBindings") + "." + port.getKey();
      if (port.getValue().isNull() || port.getValue().isEmpty()) {
        // An empty list publishes the port on a free one, as dockerd does.
        all.add(new PortBinding(port.getKey(), "", ""));
        continue;
      }
      if (!port.getValue().isArray()) {
        throw new TallymanException(ErrorKind.INVALID, "invalid JSON: " + path + " must be an array of objects");
      }
      for (JsonNode each : port.getValue()) {
        JsonFields binding = JsonFields.of(each, path);
        all.add(new PortBinding(port.getKey(), binding.text("HostIp"), binding.text("HostPort")));
      }
    }
    return all;
  }

  static ObjectNode write(List<PortBinding> bindings) {
    ObjectNode all = Json.object();
    for (PortBinding each : bindings) {
      ArrayNode list = all.get(each.containerPort()) instanceof ArrayNode known ? known : all.putArray(each.containerPort());
      list.addObject().put("HostIp", each.hostAddress()).put("HostPort", each.hostPort());
    }
    return all;
  }
}
