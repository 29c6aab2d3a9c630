package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.container.FileCopies;
import dev.tallyman.kernel.Bridges;
import dev.tallyman.testing.FakeKernel;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks by the Engine API. */
@QuarkusTest
class NetworkApiTest extends EngineTest {
  @Inject FakeKernel kernel;
  @Inject FileCopies files;
  private final List<String> networks = new ArrayList<>();

  @AfterEach
  void removeNetworks() {
    removeContainers();
    networks.forEach(each -> engine.delete("/networks/" + each));
  }

  private static String name() {
    return "n" + UUID.randomUUID().toString().substring(0, 8);
  }

  private String network(String json) {
    EngineClient.Reply reply = engine.post("/networks/create", json);
    assertEquals(201, reply.status(), reply.text());
    networks.add(reply.json().get("Id").asText());
    assertEquals("", reply.json().get("Warning").asText());
    return networks.get(networks.size() - 1);
  }

  private String plain(String name) {
    return network("{\"Name\":\"" + name + "\"}");
  }

  private void refused(int status, String message, EngineClient.Reply reply) {
    assertEquals(status, reply.status(), reply.text());
    assertTrue(reply.json().get("message").asText().contains(message), reply.text());
  }

  private static String filter(String json) {
    return "?filters=" + URLEncoder.encode(json, StandardCharsets.UTF_8);
  }

  @Test
  @Covers({"POST /networks/create", "GET /networks/{id}", "DELETE /networks/{id}"})
  void createsShowsAndRemoves() {
    String name = name();
    String id =
        network(
            "{\"Name\":\"" + name + "\",\"Driver\":\"bridge\",\"Internal\":true,\"Attachable\":true,\"CheckDuplicate\":true,\"EnableIPv6\":false,\"Labels\":{\"a\":\"b\"},"
                + "\"Options\":{\"com.docker.network.driver.mtu\":\"1400\",\"com.docker.network.bridge.enable_icc\":\"false\"},\"IPAM\":{\"Driver\":\"default\",\"Config\":["
                + "{\"Subnet\":\"10.99.8.0/24\",\"IPRange\":\"10.99.8.128/25\",\"Gateway\":\"10.99.8.254\",\"AuxiliaryAddresses\":{\"printer\":\"10.99.8.9\"}}]}}");

    JsonNode view = engine.get("/networks/" + name).json();

    assertEquals(id, view.get("Id").asText());
    assertEquals("{\"Subnet\":\"10.99.8.0/24\",\"IPRange\":\"10.99.8.128/25\",\"Gateway\":\"10.99.8.254\",\"AuxiliaryAddresses\":{\"printer\":\"10.99.8.9\"}}", view.at("/IPAM/Config/0").toString());
    assertTrue(view.get("Internal").asBoolean() && view.get("Attachable").asBoolean());
    assertEquals("{\"a\":\"b\"}", view.get("Labels").toString());
    assertEquals("1400", view.get("Options").get("com.docker.network.driver.mtu").asText());
    assertEquals(id, engine.get("/networks/" + id.substring(0, 12) + "?verbose=true&scope=local").json().get("Id").asText());
    refused(404, "not found", engine.get("/networks/" + name + "?scope=swarm"));
    assertTrue(kernel.hasBridge(id));
    refused(409, "network with name " + name + " already exists", engine.post("/networks/create", "{\"Name\":\"" + name + "\"}"));
    refused(403, "Pool overlaps with other one on this address space", engine.post("/networks/create", "{\"Name\":\"" + name() + "\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.99.0.0/16\"}]}}"));
    assertEquals(204, engine.delete("/networks/" + name).status());
    assertFalse(kernel.hasBridge(id));
    refused(404, "network " + name + " not found", engine.delete("/networks/" + name));
  }

  @Test
  void takesNamesWithSpacesInBetween() {
    String name = name() + " of 2";
    String id = plain(name);

    assertEquals(id, engine.get("/networks/" + name.replace(" ", "%20")).json().get("Id").asText());
    assertEquals(204, engine.delete("/networks/" + name.replace(" ", "%20")).status());
    for (String wrong : List.of(" x", "x ", "x/y", "x\\ty", "-x", "x\\u0000")) {
      refused(400, "invalid network name", engine.post("/networks/create", "{\"Name\":\"" + wrong + "\"}"));
    }
  }

  @Test
  void showsWhatWasAskedForAPlaceBeforeTheStart() {
    String network = plain(name());
    String id = createShell("sleep 60");
    String place = "{\"Container\":\"" + id + "\",\"EndpointConfig\":{\"MacAddress\":\"02:42:ac:11:00:02\",\"DriverOpts\":{\"of.mine\":\"yes\"}}}";

    assertEquals(200, engine.post("/networks/" + network + "/connect", place).status());

    JsonNode shown = engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Networks");
    JsonNode joined = shown.properties().stream().filter(each -> each.getValue().get("NetworkID").asText().equals(network)).findFirst().orElseThrow().getValue();
    assertEquals("02:42:ac:11:00:02", joined.get("MacAddress").asText());
    assertEquals("{\"of.mine\":\"yes\"}", joined.get("DriverOpts").toString());
    String several = "\"one\":\"" + "x".repeat(4000) + "\",\"two\":\"" + "x".repeat(91) + "\"";
    refused(400, "they have 4097 characters", engine.post("/networks/" + plain(name()) + "/connect", place.replace("\"of.mine\":\"yes\"", several)));
    refused(
        400, "com.docker.network.endpoint.other",
        engine.post("/networks/" + network + "/connect", place.replace("of.mine", "com.docker.network.endpoint.other")));
    String named = place.replace("of.mine", "com.docker.network.endpoint.ifname").replace("02:42:ac:11:00:02", "");
    String other = plain(name());
    for (String wrong : List.of("lo", "all", "default", "0front", "a/b", "abcdefghijklmnop", "front 1")) {
      refused(400, "invalid interface name", engine.post("/networks/" + other + "/connect", named.replace("yes", wrong)));
    }
    assertEquals(200, engine.post("/networks/" + other + "/connect", named.replace("yes", "front0")).status());
    refused(400, "another network of the container has the same interface name: front0", engine.post("/networks/" + plain(name()) + "/connect", named.replace("yes", "front0")));
    String twice = "{\"com.docker.network.endpoint.ifname\":\"front0\"}";
    refused(
        400, "two networks have the same interface name: front0",
        engine.post("/containers/create", "{\"Image\":\"busybox\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + network + "\":{\"DriverOpts\":" + twice + "},\"" + other + "\":{\"DriverOpts\":" + twice + "}}}}"));
  }

  @Test
  void takesSettingsOfALink() {
    String network = plain(name());
    String option = "com.docker.network.endpoint.sysctls";
    String id = createShell("sleep 60");
    String place = "{\"Container\":\"" + id + "\",\"EndpointConfig\":{\"DriverOpts\":{\"" + option + "\":\"WISH\"}}}";

    for (String wrong : List.of("", "net.ipv4.conf.eth0.forwarding=1", "net.core.conf.IFNAME.x=1", "net.ipv4.conf.IFNAME.a/b=1", "net.ipv4.conf.IFNAME...=1", "net.ipv4.conf.IFNAME.forwarding=1,",
        "kernel.ipv4.conf.IFNAME.core_pattern=1", "net.ipv4.conf.IFNAME." + "x".repeat(48) + "=1")) {
      refused(
          400, "unrecognised network interface sysctl '" + (wrong.endsWith(",") ? "" : wrong) + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'",
          engine.post("/networks/" + network + "/connect", place.replace("WISH", wrong)));
    }
    refused(400, "invalid endpoint settings:\nexpected sysctl 'net.ipv4.conf.IFNAME.x' to have format name=value", engine.post("/networks/" + network + "/connect", place.replace("WISH", "net.ipv4.conf.IFNAME.x")));
    refused(400, "has at most 64 letters", engine.post("/networks/" + network + "/connect", place.replace("WISH", "net.ipv4.conf.IFNAME.x=a b")));
    refused(400, "at most 32 sysctls", engine.post("/networks/" + network + "/connect", place.replace("WISH", "net.ipv4.conf.IFNAME.x=1" + ",net.ipv4.conf.IFNAME.x=1".repeat(32))));
    String wish = "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.ifname.forwarding=0";
    assertEquals(200, engine.post("/networks/" + network + "/connect", place.replace("WISH", wish)).status());
    assertEquals(wish, engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Networks").findValue(option).asText());
  }

  @Test
  void movesSettingsOfTheFirstLinkToItsPlace() {
    String body = "{\"Image\":\"busybox\",\"HostConfig\":{\"Sysctls\":{\"net.ipv4.conf.NAME.forwarding\":\"1\",\"net.core.somaxconn\":\"9\"}}}";

    refused(
        400, "interface specific sysctl setting \"net.ipv4.conf.eth0.forwarding\" must be supplied using driver option 'com.docker.network.endpoint.sysctls'",
        engine.post("/v1.48/containers/create", body.replace("NAME", "eth0")));
    refused(400, "unable to determine network endpoint for sysctl net.ipv4.conf.eth1.forwarding", engine.post("/v1.47/containers/create", body.replace("NAME", "eth1")));
    JsonNode made = engine.post("/v1.47/containers/create", body.replace("NAME", "eth0")).json();

    assertEquals(
        "[\"Migrated sysctl \\\"net.ipv4.conf.eth0.forwarding\\\" to DriverOpts{\\\"com.docker.network.endpoint.sysctls\\\":\\\"net.ipv4.conf.IFNAME.forwarding=1\\\"}.\"]", made.get("Warnings").toString());
    JsonNode shown = engine.get("/containers/" + made.get("Id").asText() + "/json").json();
    assertEquals("{\"net.core.somaxconn\":\"9\"}", shown.at("/HostConfig/Sysctls").toString());
    assertEquals("{\"com.docker.network.endpoint.sysctls\":\"net.ipv4.conf.IFNAME.forwarding=1\"}", shown.at("/NetworkSettings/Networks/bridge/DriverOpts").toString());
  }

  @Test
  void givesNoIpv6ToLinksThatHaveItOff() {
    String name = name();
    engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"EnableIPv6\":true}");
    String off = ",\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + name + "\":{\"DriverOpts\":{\"com.docker.network.endpoint.sysctls\":\"net.ipv6.conf.IFNAME.disable_ipv6=VALUE\"}}}}";

    for (String[] each : new String[][] {{"{}", off.replace("VALUE", "1"), "0"}, {"{\"net.ipv6.conf.all.disable_ipv6\":\"1\"}", "", "0"}, {"{}", off.replace("VALUE", "0"), "64"}}) {
      String body = "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"" + name + "\",\"Sysctls\":" + each[0] + "}" + each[1] + "}";
      String id = engine.post("/containers/create", body).json().get("Id").asText();
      assertEquals(204, engine.post("/containers/" + id + "/start", "").status());
      assertEquals(each[2], engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Networks/" + name + "/GlobalIPv6PrefixLen").asText(), body);
      assertEquals(204, engine.delete("/containers/" + id + "?force=1").status());
    }
    assertEquals(204, engine.delete("/networks/" + name).status());
  }

  @Test
  void givesNetworksAndContainersIpv6Alone() {
    String name = name();
    refused(400, "IPv4 or IPv6 must be enabled", engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"EnableIPv4\":false}"));
    refused(400, "IPv4 or IPv6 must be enabled", engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"EnableIPv4\":false,\"Driver\":\"macvlan\"}"));
    refused(400, "an IPv4 subnet needs EnableIPv4", engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"EnableIPv4\":false,\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"10.77.9.0/24\"}]}}"));
    assertEquals(201, engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"EnableIPv4\":false,\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:ac::/64\"}]}}").status());

    JsonNode network = engine.get("/networks/" + name).json();
    assertEquals("false true", network.get("EnableIPv4").asText() + " " + network.get("EnableIPv6").asText());
    assertEquals("[{\"Subnet\":\"fd00:ac::/64\",\"Gateway\":\"fd00:ac::1\"}]", network.at("/IPAM/Config").toString());
    refused(403, "Pool overlaps", engine.post("/networks/create", "{\"Name\":\"" + name + "x\",\"EnableIPv4\":false,\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:ac::/72\"}]}}"));
    String body = "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"" + name + "\",\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"18533\"}]}}}";
    String id = engine.post("/containers/create", body).json().get("Id").asText();
    assertEquals(204, engine.post("/containers/" + id + "/start", "").status());
    JsonNode settings = engine.get("/containers/" + id + "/json").json().get("NetworkSettings");
    JsonNode place = settings.at("/Networks/" + name);
    assertEquals("|0||fd00:ac::2|64|fd00:ac::1", String.join("|", List.of(place.get("IPAddress").asText(), place.get("IPPrefixLen").asText(), place.get("Gateway").asText(), place.get("GlobalIPv6Address").asText(), place.get("GlobalIPv6PrefixLen").asText(), place.get("IPv6Gateway").asText())));
    assertTrue(place.get("MacAddress").asText().startsWith("02:42:"));
    assertEquals("[{\"HostIp\":\"::\",\"HostPort\":\"18533\"}]", settings.at("/Ports/80~1tcp").toString());
    JsonNode member = engine.get("/networks/" + name).json().at("/Containers/" + id);
    assertEquals("|fd00:ac::2/64", member.get("IPv4Address").asText() + "|" + member.get("IPv6Address").asText());
    refused(501, "no proxy leads there from IPv4", engine.post("/containers/create", body.replace("{\"HostPort\":\"18533\"}", "{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18534\"}")));
    String loopback = "\"Options\":{\"com.docker.network.bridge.host_binding_ipv4\":\"127.0.0.1\"}";
    assertEquals(201, engine.post("/networks/create", "{\"Name\":\"" + name + "b\",\"EnableIPv4\":false,\"EnableIPv6\":true," + loopback + "}").status());
    refused(501, "on 127.0.0.1 is not supported", engine.post("/containers/create", body.replace("Mode\":\"" + name, "Mode\":\"" + name + "b").replace("18533", "18535")));
    refused(501, "on 127.0.0.1 is not supported", engine.post("/containers/create", body.replace("Mode\":\"" + name, "Mode\":\"" + name + "b").replaceAll("\"PortBindings.*", "\"PublishAllPorts\":true},\"ExposedPorts\":{\"80/tcp\":{}}}")));
    assertEquals(201, engine.post("/networks/create", "{\"Name\":\"" + name + "c\"," + loopback + "}").status());
    String both = body.replace("18533", "18536").replaceAll("}$", ",\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + name + "\":{\"GwPriority\":1},\"" + name + "c\":{}}}}");
    String mixed = engine.post("/containers/create", both).json().get("Id").asText();
    assertEquals(204, engine.post("/containers/" + mixed + "/start", "").status());
    assertEquals("[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18536\"}]", engine.get("/containers/" + mixed + "/json").json().at("/NetworkSettings/Ports/80~1tcp").toString(), "as the network says that has IPv4");
    assertEquals(204, engine.delete("/containers/" + mixed + "?force=1").status());
    assertEquals(204, engine.delete("/networks/" + name + "b").status());
    assertEquals(204, engine.delete("/networks/" + name + "c").status());
    refused(400, "has no IPv4", engine.post("/networks/" + name + "/connect", "{\"Container\":\"" + createShell("sleep 60") + "\",\"EndpointConfig\":{\"IPAMConfig\":{\"IPv4Address\":\"10.1.2.3\"}}}"));
    refused(400, "it would have no address there", engine.post("/containers/create", body.replace("\"HostConfig\":{", "\"HostConfig\":{\"Sysctls\":{\"net.ipv6.conf.all.disable_ipv6\":\"1\"},")));
    assertEquals(204, engine.delete("/containers/" + id + "?force=1").status());
    assertEquals(204, engine.delete("/networks/" + name).status());
    assertEquals(201, engine.post("/networks/create", "{\"Name\":\"" + name + "\",\"EnableIPv4\":false,\"EnableIPv6\":true,\"ConfigOnly\":true}").status());
    assertEquals("false", engine.get("/networks/" + name).json().get("EnableIPv4").asText());
    assertEquals(201, engine.post("/networks/create", "{\"Name\":\"" + name + "x\",\"ConfigFrom\":{\"Network\":\"" + name + "\"}}").status());
    assertEquals("false", engine.get("/networks/" + name + "x").json().get("EnableIPv4").asText());
    assertEquals(204, engine.delete("/networks/" + name + "x").status());
    assertEquals(204, engine.delete("/networks/" + name).status());
  }

  @Test
  void givesNetworksAndContainersIpv6() {
    String name = "six-" + UUID.randomUUID();
    String body = "{\"Name\":\"" + name + "\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"FD00:aa:0::/64\",\"IPRange\":\"fd00:aa::8:0/112\",\"AuxiliaryAddresses\":{\"printer\":\"fd00:aa::8:0\"}},{\"Subnet\":\"10.77.3.0/24\"}]}}";
    String id = engine.post("/networks/create", body).json().get("Id").asText();

    JsonNode network = engine.get("/networks/" + name).json();
    assertTrue(network.get("EnableIPv6").asBoolean());
    assertEquals("fd00:aa::/64", network.get("IPAM").get("Config").get(1).get("Subnet").asText());
    assertEquals("fd00:aa::1", network.get("IPAM").get("Config").get(1).get("Gateway").asText());
    assertEquals("fd00:aa::8:0/112", network.get("IPAM").get("Config").get(1).get("IPRange").asText());
    assertEquals("fd00:aa::8:0", network.get("IPAM").get("Config").get(1).get("AuxiliaryAddresses").get("printer").asText());
    String member = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"" + name + "\"}}");
    start(member);
    assertEquals("fd00:aa::8:1", engine.get("/containers/" + member + "/json").json().get("NetworkSettings").get("Networks").get(name).get("GlobalIPv6Address").asText());
    engine.delete("/containers/" + member + "?force=1");
    refused(403, "Pool overlaps", engine.post("/networks/create", "{\"Name\":\"x\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:aa::/48\"}]}}"));
    String chosen = "chosen-" + UUID.randomUUID();
    engine.post("/networks/create", "{\"Name\":\"" + chosen + "\",\"EnableIPv6\":true}");
    assertTrue(engine.get("/networks/" + chosen).json().get("IPAM").get("Config").get(1).get("Subnet").asText().matches("fd00:7461:6c6c:.*/64"));
    assertEquals(204, engine.delete("/networks/" + chosen).status());
    assertEquals(204, engine.delete("/networks/" + id).status());
  }

  @Test
  void putsContainersOnALan() {
    kernel.allowParent("eth7.10");
    String name = name();
    String body = "\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"eth7.10\",\"macvlan_mode\":\"bridge\"},\"IPAM\":{\"Config\":[{\"Subnet\":\"192.0.2.0/24\",\"Gateway\":\"192.0.2.254\"}]}}";
    String id = network("{\"Name\":\"" + name + body);

    JsonNode view = engine.get("/networks/" + name).json();
    assertEquals("macvlan", view.get("Driver").asText());
    assertEquals("{\"macvlan_mode\":\"bridge\",\"parent\":\"eth7.10\"}", view.get("Options").toString());
    assertEquals("{\"Subnet\":\"192.0.2.0/24\",\"Gateway\":\"192.0.2.254\"}", view.at("/IPAM/Config/0").toString());
    assertFalse(view.get("Internal").asBoolean());
    assertEquals(new Bridges.Lan("bridge", "eth7.10"), kernel.bridge(id).lan());
    assertEquals(1, engine.get("/networks" + filter("{\"driver\":[\"macvlan\"],\"id\":[\"" + id + "\"]}")).json().size());
    String passed = "{\"Name\":\"" + name() + "\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"eth7.10\",\"macvlan_mode\":\"passthru\"}";
    refused(403, "the parent link is used by another network", engine.post("/networks/create", passed + ",\"IPAM\":{\"Config\":[{\"Subnet\":\"198.18.0.0/24\"}]}}"));
    refused(403, "the parent link is used by another network", engine.post("/networks/create", passed + "}"));

    String container =
        create(
            "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"ExposedPorts\":{\"80/tcp\":{}},\"HostConfig\":{\"NetworkMode\":\"" + name
                + "\",\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"28099\"}]}},\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + name + "\":{\"IPAMConfig\":{\"IPv4Address\":\"192.0.2.9\"}}}}}");
    start(container);
    JsonNode inspected = engine.get("/containers/" + container + "/json").json();
    assertEquals("192.0.2.9", inspected.at("/NetworkSettings/Networks/" + name + "/IPAddress").asText());
    assertEquals("192.0.2.254", inspected.at("/NetworkSettings/Networks/" + name + "/Gateway").asText());
    assertEquals("{}", inspected.at("/NetworkSettings/Ports").toString(), "nothing is published on a LAN");
    assertEquals("28099", inspected.at("/HostConfig/PortBindings/80~1tcp/0/HostPort").asText());
    assertTrue(engine.get("/events?since=0&until=" + Instant.now().plusSeconds(1).getEpochSecond() + "&filters=" + URLEncoder.encode("{\"network\":[\"" + id + "\"],\"event\":[\"connect\"]}", StandardCharsets.UTF_8)).text().contains("\"type\":\"macvlan\""));
    refused(403, "has active endpoints", engine.delete("/networks/" + name));
  }

  @Test
  void putsContainersOnALanWithTheParentsMac() {
    kernel.allowParent("eth6");
    String name = name();
    String body = ",\"Driver\":\"ipvlan\",\"Options\":{\"parent\":\"eth6\",\"ipvlan_mode\":\"l3\",\"ipvlan_flag\":\"private\"},\"IPAM\":{\"Config\":[{\"Subnet\":\"198.51.100.0/24\"}]}}";
    String id = network("{\"Name\":\"" + name + "\"" + body);

    assertEquals(new Bridges.Lan("ipvlan-l3-private", "eth6"), kernel.bridge(id).lan());
    assertEquals("{\"ipvlan_flag\":\"private\",\"ipvlan_mode\":\"l3\",\"parent\":\"eth6\"}", engine.get("/networks/" + name).json().get("Options").toString());
    refused(403, "the parent link is used by another network", engine.post("/networks/create", "{\"Name\":\"" + name() + "\",\"Driver\":\"ipvlan\",\"Options\":{\"parent\":\"eth6\"}}"));
    String container = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"" + name + "\"}}");
    start(container);
    assertEquals("", engine.get("/containers/" + container + "/json").json().at("/NetworkSettings/Networks/" + name + "/MacAddress").asText());
    assertEquals("", engine.get("/networks/" + name).json().at("/Containers/" + container + "/MacAddress").asText());
    refused(400, "ipvlan interfaces do not support custom mac address", engine.post("/containers/create", "{\"Image\":\"busybox\",\"MacAddress\":\"02:42:aa:bb:cc:dd\",\"HostConfig\":{\"NetworkMode\":\"" + name + "\"}}"));
    engine.delete("/containers/" + container + "?force=true");
    assertEquals(204, engine.delete("/networks/" + name).status());
  }

  @Test
  void aLanWithoutAParentHasNoWayOut() {
    String id = network("{\"Name\":\"" + name() + "\",\"Driver\":\"macvlan\",\"Options\":{\"macvlan_mode\":\"private\"}}");

    assertTrue(engine.get("/networks/" + id).json().get("Internal").asBoolean());
    Bridges.Bridge bridge = kernel.bridge(id);
    assertTrue(bridge.lan() == null && bridge.isInternal() && bridge.isIsolated());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}|400|name", "{\"Name\":\"-x\"}|400|invalid network name", "{\"Name\":\"host\"}|403|predefined host network", "{\"Name\":\"x\",\"Driver\":\"ipvlan\",\"Options\":{\"parent\":\"eth9\"}}|403|macvlan_parents does not allow eth9", "{\"Name\":\"x\",\"Driver\":\"ipvlan\",\"Options\":{\"ipvlan_mode\":\"l4\"}}|400|requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default",
        "{\"Name\":\"x\",\"Driver\":\"ipvlan\",\"Options\":{\"ipvlan_flag\":\"x\"}}|400|requested ipvlan flag 'x' is not valid", "{\"Name\":\"x\",\"Driver\":\"ipvlan\",\"Options\":{\"macvlan_mode\":\"vepa\"}}|400|not supported by the driver ipvlan", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"ipvlan_flag\":\"vepa\"}}|400|not supported by the driver macvlan",
        "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"eth9\"}}|403|macvlan_parents does not allow eth9",
        "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"lo\"}}|400|loopback interface is not a valid", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"a/b\"}}|400|invalid parent", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"eth9.4095\"}}|400|vlan id must be", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"e.99999999999\"}}|400|vlan id must be", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"parent\":\"eth9.0\"}}|400|vlan id must be",
        "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"macvlan_mode\":\"x\"}}|400|requested macvlan mode 'x' is not valid", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"com.docker.network.bridge.enable_icc\":\"false\"}}|400|not supported by the driver macvlan",
        "{\"Name\":\"x\",\"Options\":{\"parent\":\"eth0\"}}|400|network option parent",
        "{\"Name\":\"x\",\"Driver\":\"weave\"}|404|not found", "{\"Name\":\"x\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00::/127\"}]}}|400|prefix of 8 to 126", "{\"Name\":\"x\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:5::/64\",\"Gateway\":\"fd00:6::1\"}]}}|400|invalid gateway",
        "{\"Name\":\"x\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:5::/64\",\"IPRange\":\"fd00:6::/80\"}]}}|400|does not contain it", "{\"Name\":\"x\",\"EnableIPv4\":false}|400|IPv4 or IPv6 must be enabled",
        "{\"Name\":\"x\",\"Options\":{\"com.docker.network.bridge.name\":\"br0/1\"}}|400|invalid value of com.docker.network.bridge.name", "{\"Name\":\"x\",\"Options\":{\"com.docker.network.bridge.name\":\"default\"}}|400|beginning with a letter", "{\"Name\":\"x\",\"Options\":{\"com.docker.network.bridge.name\":\"eth0\"}}|403|bridge_names does not allow eth0", "{\"Name\":\"x\",\"Driver\":\"macvlan\",\"Options\":{\"com.docker.network.bridge.name\":\"br-x\"}}|400|not supported by the driver macvlan",
        "{\"Name\":\"x\",\"Options\":{\"nosuch\":\"1\"}}|400|nosuch",
        "{\"Name\":\"x\",\"Options\":{\"com.docker.network.driver.mtu\":\"1\"}}|400|mtu", "{\"Name\":\"x\",\"Options\":{\"com.docker.network.bridge.enable_icc\":\"maybe\"}}|400|enable_icc",
        "{\"Name\":\"x\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/33\"}]}}|400|invalid subnet", "{\"Name\":\"x\",\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00::/64\"}]}}|400|IPv6 subnet needs EnableIPv6",
        "{\"Name\":\"x\",\"IPAM\":{\"Config\":[{\"Gateway\":\"10.9.0.1\"}]}}|400|needs a subnet", "{\"Name\":\"x\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/24\",\"Gateway\":\"10.8.0.1\"}]}}|400|invalid gateway",
        "{\"Name\":\"x\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.9.0.0/24\"},{\"Subnet\":\"10.8.0.0/24\"}]}}|403|bridge driver doesn't support multiple subnets", "{\"Name\":\"x\",\"IPAM\":{\"Driver\":\"dhcp\"}}|400|IPAM.Driver",
        "{\"Name\":\"x\",\"Ingress\":true}|400|Ingress", "{\"Name\":\"x\",\"ConfigOnly\":1}|400|ConfigOnly", "{\"Name\":7}|400|Name"
      })
  void refusesWhatItCannotDo(String body, int status, String message) {
    refused(status, message, engine.post("/networks/create", body));
    assertEquals(3, engine.get("/networks").json().size());
  }

  @Test
  void callsABridgeAsAskedFor() {
    String options = "\"Options\":{\"com.docker.network.bridge.name\":\"br-front\"}";
    String id = network("{\"Name\":\"" + name() + "\"," + options + "}");

    assertEquals("br-front", kernel.bridge(id).name());
    assertEquals("br-front", engine.get("/networks/" + id).json().at("/Options/com.docker.network.bridge.name").asText());
    refused(403, "another network has a bridge of that name", engine.post("/networks/create", "{\"Name\":\"" + name() + "\"," + options + "}"));
    refused(403, "another network has a bridge of that name", engine.post("/networks/create", "{\"Name\":\"" + name() + "\"," + options + ",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.89.96.0/24\"}]}}"));
  }

  @Test
  void passesOverSubnetsThatTheHostUses() {
    kernel.route("10.89.0.1", 20);
    String first = network("{\"Name\":\"" + name() + "\"}");
    String subnet = engine.get("/networks/" + first).json().at("/IPAM/Config/0/Subnet").asText();
    assertTrue(subnet.matches("10\\.89\\.\\d+\\.0/20") && !subnet.equals("10.89.0.0/20"), subnet);
    refused(403, "Pool overlaps", engine.post("/networks/create", "{\"Name\":\"" + name() + "\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.89.3.0/24\"}]}}"));
  }

  @Test
  @Covers("GET /networks")
  void filters() {
    String one = name();
    String id = network("{\"Name\":\"" + one + "\",\"Labels\":{\"tier\":\"back\"}}");

    assertEquals(1, engine.get("/networks" + filter("{\"name\":[\"" + one + "\"]}")).json().size());
    assertEquals(1, engine.get("/networks" + filter("{\"id\":[\"" + id.substring(0, 8) + "\"]}")).json().size());
    assertEquals(1, engine.get("/networks" + filter("{\"label\":[\"tier=back\"]}")).json().size());
    assertEquals(0, engine.get("/networks" + filter("{\"label\":[\"tier=front\"]}")).json().size());
    assertEquals(3, engine.get("/networks" + filter("{\"type\":[\"builtin\"]}")).json().size());
    assertEquals(1, engine.get("/networks" + filter("{\"type\":[\"custom\"]}")).json().size());
    assertEquals(1, engine.get("/networks" + filter("{\"dangling\":[\"true\"]}")).json().size());
    assertEquals(3, engine.get("/networks" + filter("{\"dangling\":[\"false\"]}")).json().size());
    assertEquals(1, engine.get("/networks" + filter("{\"driver\":[\"host\"],\"scope\":[\"local\"]}")).json().size());
    refused(400, "type", engine.get("/networks" + filter("{\"type\":[\"x\"]}")));
    refused(400, "invalid filter", engine.get("/networks" + filter("{\"nosuch\":[\"x\"]}")));
  }

  @Test
  @Covers("POST /networks/prune")
  void prunesUnusedNetworksOnly() {
    String used = name();
    String unused = name();
    String labelled = name();
    plain(used);
    plain(unused);
    network("{\"Name\":\"" + labelled + "\",\"Labels\":{\"keep\":\"\"}}");
    start(create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"" + used + "\"}}"));

    assertEquals("{\"NetworksDeleted\":null}", engine.post("/networks/prune" + filter("{\"until\":[\"10m\"]}")).text());
    assertEquals("{\"NetworksDeleted\":[\"" + unused + "\"]}", engine.post("/networks/prune" + filter("{\"label!\":[\"keep\"]}")).text());
    assertEquals("{\"NetworksDeleted\":[\"" + labelled + "\"]}", engine.post("/networks/prune").text());
    assertEquals(200, engine.get("/networks/" + used).status());
  }

  @Test
  @Covers({"POST /networks/{id}/connect", "POST /networks/{id}/disconnect", "POST /containers/{id}/restart"})
  void putsContainersOnNetworks() {
    String red = network("{\"Name\":\"" + name() + "\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.97.0.0/24\"}]}}");
    String blue = plain(name());
    String redName = engine.get("/networks/" + red).json().get("Name").asText();
    String blueName = engine.get("/networks/" + blue).json().get("Name").asText();
    String id =
        create(
            "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"NetworkMode\":\"" + redName + "\"},\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + redName
                + "\":{\"Aliases\":[\"db\"],\"IPAMConfig\":{\"IPv4Address\":\"10.97.0.77\"}}}}}");
    assertEquals("", engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Networks/" + redName + "/IPAddress").asText());
    start(id);

    JsonNode settings = engine.get("/containers/" + id + "/json").json().get("NetworkSettings");
    assertEquals("", settings.get("IPAddress").asText());
    JsonNode place = settings.at("/Networks/" + redName);
    assertEquals("10.97.0.77", place.get("IPAddress").asText());
    assertEquals("{\"IPv4Address\":\"10.97.0.77\"}", place.get("IPAMConfig").toString());
    assertEquals("[\"db\"]", place.get("Aliases").toString());
    assertEquals(red, place.get("NetworkID").asText());
    assertTrue(place.get("DNSNames").toString().contains(id.substring(0, 12)), place.toString());
    assertEquals("10.97.0.77/24", engine.get("/networks/" + red).json().at("/Containers/" + id + "/IPv4Address").asText());
    assertEquals(1, engine.get("/containers/json" + filter("{\"network\":[\"" + redName + "\"]}")).json().size());
    refused(403, "has active endpoints", engine.delete("/networks/" + red));

    assertEquals(200, engine.post("/networks/" + blueName + "/connect", "{\"Container\":\"" + id + "\",\"EndpointConfig\":{\"Aliases\":[\"x\"]}}").status());
    assertTrue(kernel.isOn(id, blue));
    refused(403, "already exists in network " + blueName, engine.post("/networks/" + blue + "/connect", "{\"Container\":\"" + id + "\"}"));
    assertEquals(2, engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Networks").size());
    assertEquals(200, engine.post("/networks/" + red + "/disconnect", "{\"Container\":\"" + id + "\",\"Force\":true}").status());
    assertFalse(kernel.isOn(id, red));
    refused(409, "is not connected to network " + redName, engine.post("/networks/" + red + "/disconnect", "{\"Container\":\"" + id + "\"}"));
    engine.post("/containers/" + id + "/restart?t=0");
    assertTrue(kernel.isOn(id, blue) && !kernel.isOn(id, red));
    assertEquals(204, engine.delete("/networks/" + red).status());
  }

  @Test
  void letsResolvConfFollowToTheFirstOwnNetworkAndBack() {
    String red = plain(name());
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"]}");
    start(id);
    String before = resolvConf(id);
    assertFalse(before.contains("127.0.0.11"), before);

    assertEquals(200, engine.post("/networks/" + red + "/connect", "{\"Container\":\"" + id + "\"}").status());
    assertTrue(resolvConf(id).contains("nameserver 127.0.0.11\n"));
    assertEquals(200, engine.post("/networks/" + red + "/disconnect", "{\"Container\":\"" + id + "\"}").status());
    assertEquals(before, resolvConf(id));
  }

  @Test
  void leavesAResolvConfThatSomebodyWrote() {
    String red = plain(name());
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"]}");
    start(id);
    String own = "nameserver 192.0.2.9\n";
    files.write(accounts.admin(), id, "/etc/resolv.conf", 0644, own.length(), new ByteArrayInputStream(own.getBytes(StandardCharsets.UTF_8)));

    assertEquals(200, engine.post("/networks/" + red + "/connect", "{\"Container\":\"" + id + "\"}").status());
    assertEquals(own, resolvConf(id));
    assertEquals(200, engine.post("/networks/" + red + "/disconnect", "{\"Container\":\"" + id + "\"}").status());
    assertEquals(own, resolvConf(id));
  }

  @Test
  void leavesAResolvConfThatWasMounted() {
    String red = plain(name());
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/etc/resolv.conf\"}]}}");
    start(id);
    String before = resolvConf(id);

    assertEquals(200, engine.post("/networks/" + red + "/connect", "{\"Container\":\"" + id + "\"}").status());
    assertEquals(before, resolvConf(id));
  }

  @Test
  @Covers("DELETE /containers/{name}")
  void takesALinkAwayFromWhatRuns() {
    String target = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"]}");
    start(target);
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"Links\":[\"" + target + ":db\",\"" + target + ":db2\"]}}");
    start(id);
    String store = "\t%s " + target.substring(0, 12) + " store\n";
    String before = "127.0.0.1\tlocalhost\n10.0.0.2" + store.formatted("db") + "10.0.0.2" + store.formatted("db2");
    files.write(accounts.admin(), id, "/etc/hosts", 0644, before.length(), new ByteArrayInputStream(before.getBytes(StandardCharsets.UTF_8)));

    assertEquals(204, engine.delete("/containers/" + id + "/db?link=1").status());

    assertEquals(before.lines().filter(line -> !line.contains("\tdb ")).toList(), file(id, "/etc/hosts").lines().toList());
    assertEquals(1, engine.get("/containers/" + id + "/json").json().at("/HostConfig/Links").size());
    refused(404, "No such container", engine.delete("/containers/" + id + "/db?link=1"));
    refused(404, "No such container", engine.delete("/containers/" + id + "/db2"));
    refused(409, "Conflict, cannot remove the default link name of the container", engine.delete("/containers/" + id + "?link=1"));
    assertEquals(200, engine.get("/containers/" + target + "/json").status());
  }

  private String resolvConf(String id) {
    return file(id, "/etc/resolv.conf");
  }

  private String file(String id, String path) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    files.read(accounts.admin(), id, path, row -> {}, content);
    return content.toString(StandardCharsets.UTF_8);
  }

  @Test
  void connectsWhatDoesNotRun() {
    String blue = plain(name());
    String id = createShell("sleep 60");

    assertEquals(200, engine.post("/networks/" + blue + "/connect", "{\"Container\":\"" + id + "\"}").status());
    assertEquals(204, engine.delete("/networks/" + blue).status());
    refused(404, "network", engine.post("/containers/" + id + "/start"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}|400|Container", "{\"Container\":\"nobody\"}|404|No such container", "{\"Container\":\"ID\",\"EndpointConfig\":{\"IPAMConfig\":{\"IPv4Address\":\"10.1.2.3\"}}}|400|user configured subnets",
        "{\"Container\":\"ID\",\"EndpointConfig\":{\"Aliases\":[\"a b\"]}}|400|alias", "{\"Container\":\"ID\",\"EndpointConfig\":{\"MacAddress\":\"x\"}}|400|mac",
        "{\"Container\":\"ID\",\"EndpointConfig\":{\"DriverOpts\":{\"com.docker.network.a\":\"b\"}}}|400|DriverOpts", "{\"Container\":\"ID\",\"EndpointConfig\":{\"GwPriority\":5}}|501|gateway priority"
      })
  void refusesToConnect(String body, int status, String message) {
    String blue = plain(name());
    String id = run("sleep 60");

    refused(status, message, engine.post("/networks/" + blue + "/connect", body.replace("ID", id)));
    assertFalse(kernel.isOn(id, blue));
  }

  @Test
  void keepsModesApart() {
    String blue = plain(name());
    String none = create("{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"none\"}}");
    refused(409, "private (none) mode", engine.post("/networks/" + blue + "/connect", "{\"Container\":\"" + none + "\"}"));
    String bridged = createShell("sleep 60");
    refused(409, "host network", engine.post("/networks/host/connect", "{\"Container\":\"" + bridged + "\"}"));
    String bridge = "{\"Image\":\"busybox\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":";
    refused(400, "user defined networks only", engine.post("/containers/create", bridge + "{\"IPAMConfig\":{\"IPv4Address\":\"10.88.0.9\"}}}}}"));
    refused(400, "only supported for user-defined networks", engine.post("/containers/create", bridge + "{\"Aliases\":[\"x\"]}}}}"));
    refused(400, "10.0.0.300/8", engine.post("/containers/create", "{\"Image\":\"busybox\",\"Labels\":{\"tallyman.ports.allow\":\"10.0.0.300/8\"}}"));
  }
}
