package dev.tallyman.engine.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.device.DeviceRequest;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every field of Docker's create request is mapped, refused, or known to mean nothing to a server. None is silently dropped. */
class CreateRequestTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ContainerSpec PLAIN = read("{}");

  private static ContainerSpec read(String json) {
    try {
      return CreateRequest.read("", JsonFields.of(MAPPER.readTree(json), ""));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode golden(String file) throws IOException {
    try (InputStream in = CreateRequestTest.class.getResourceAsStream("/engine/" + file)) {
      return MAPPER.readTree(in);
    }
  }

  private static void check(ObjectNode body, String field, JsonNode expected) {
    switch (expected.get("fate").asText()) {
      case "mapped" -> assertNotEquals(PLAIN, read(body.toString()), field + " must change the specification");
      case "ignored" -> assertEquals(PLAIN, read(body.toString()));
      default -> {
        TallymanException refusal = assertThrows(TallymanException.class, () -> read(body.toString()));
        assertEquals(ErrorKind.INVALID, refusal.kind());
        assertTrue(String.valueOf(refusal.getMessage()).toLowerCase(Locale.ROOT).contains(field.toLowerCase(Locale.ROOT)), refusal.getMessage());
      }
    }
  }

  @TestFactory
  List<DynamicTest> everyFieldOfHostConfigHasItsFate() throws IOException {
    JsonNode fields = golden("host-config.json");

    assertEquals(69, fields.size());
    return fields.properties().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
          ObjectNode body = MAPPER.createObjectNode();
          body.putObject("HostConfig").set(each.getKey(), each.getValue().get("value"));
          check(body, each.getKey(), each.getValue());
        }))
        .toList();
  }

  /** As with dockerd, whose decoder does not look at the case of letters: none may slip through as unknown. */
  @TestFactory
  List<DynamicTest> aFieldHasTheSameFateInSmallLetters() throws IOException {
    return Stream.concat(
            golden("host-config.json").properties().stream().map(each -> Map.entry("hostconfig", each)), golden("container-config.json").properties().stream().map(each -> Map.entry("", each)))
        .map(
            each -> {
              Map.Entry<String, JsonNode> field = each.getValue();
              return DynamicTest.dynamicTest(
                  field.getKey(),
                  () -> {
                    ObjectNode body = MAPPER.createObjectNode();
                    ObjectNode place = each.getKey().isEmpty() ? body : body.putObject(each.getKey());
                    place.set(field.getKey().toLowerCase(Locale.ROOT), field.getValue().get("value"));
                    check(body, field.getKey(), field.getValue());
                  });
            })
        .toList();
  }

  @Test
  void passesOverWhatAClientSendsOfItsOwn() {
    assertEquals(PLAIN, read("{\"name\":\"web\",\"platform\":\"linux\",\"containerId\":\"abc\"}"));
  }

  @Test
  void prefersTheExactSpelling() {
    assertEquals("one", read("{\"image\":\"two\",\"Image\":\"one\"}").image());
  }

  @TestFactory
  List<DynamicTest> everyFieldOfConfigHasItsFate() throws IOException {
    JsonNode fields = golden("container-config.json");

    assertEquals(24, fields.size());
    return fields.properties().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> check(MAPPER.createObjectNode().set(each.getKey(), each.getValue().get("value")), each.getKey(), each.getValue())))
        .toList();
  }

  @Test
  void emptyValuesOfAllFieldsAreAccepted() throws IOException {
    ObjectNode body = MAPPER.createObjectNode();
    ObjectNode host = body.putObject("HostConfig");
    golden("host-config.json").fieldNames().forEachRemaining(host::putNull);
    golden("container-config.json").fieldNames().forEachRemaining(body::putNull);

    assertEquals(PLAIN, read(body.toString()));
  }

  @Test
  void takesWhatTheDockerClientSends() {
    ContainerSpec spec =
        read(
            """
            {"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Tty":false,"OpenStdin":false,"StdinOnce":false,
             "Env":null,"Cmd":["true"],"Image":"busybox","Volumes":{},"WorkingDir":"","Entrypoint":null,"Labels":{},
             "HostConfig":{"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},"NetworkMode":"default","PortBindings":{},
              "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":true,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[24,80],"CapAdd":null,
              "CapDrop":null,"CgroupnsMode":"","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,"IpcMode":"","Cgroup":"","Links":null,
              "OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"",
              "ShmSize":0,"Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":1500000000,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],
              "BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],"CpuPeriod":0,"CpuQuota":0,
              "CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[],"DeviceCgroupRules":null,"DeviceRequests":null,
              "MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,"Ulimits":[],"CpuCount":0,"CpuPercent":0,
              "IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":null,"ReadonlyPaths":null},
             "NetworkingConfig":{"EndpointsConfig":{"default":{"IPAMConfig":null,"Links":null,"Aliases":null,"MacAddress":"","DriverOpts":null,"GwPriority":0,
              "NetworkID":"","EndpointID":"","Gateway":"","IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"DNSNames":null}}}}
            """);

    assertEquals("bridge", spec.networkMode());
    assertEquals(List.of("true"), spec.cmd());
    assertEquals(List.of("stdout", "stderr"), spec.attachStreams());
    assertEquals(150_000, spec.limits().cpuQuotaMicros());
    assertTrue(spec.isRemovedAtExit());
  }

  @Test
  void whatInspectShowsCanBeGivenToCreateAgain() {
    ContainerSpec spec =
        read(
            """
            {"Image":"i","HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"Memory":67108864,"NanoCpus":500000000,"CapAdd":["NET_ADMIN"],
             "Tmpfs":{"/run":""},"Sysctls":{"net.core.somaxconn":"10"},"Ulimits":[{"Name":"nofile","Soft":1,"Hard":2}],"RestartPolicy":{"Name":"always"},
             "SecurityOpt":["no-new-privileges"],"MaskedPaths":[],"ReadonlyPaths":["/etc"],"PidsLimit":5,"PidMode":"container:a","IpcMode":"shareable","UTSMode":"host",
             "CgroupnsMode":"private","Devices":[{"PathOnHost":"/dev/kvm","PathInContainer":"","CgroupPermissions":""}],"DeviceCgroupRules":["c 1:1 r"],"Annotations":{"a":"b"},
             "BlkioWeight":300,"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":9}],"CpusetMems":"0","MemorySwappiness":0,"CpuRealtimePeriod":5,"ShmSize":67108864,"LogConfig":{"Type":"json-file"},"Init":true}}
            """);

    ObjectNode body = MAPPER.createObjectNode().put("Image", "i");
    body.set("HostConfig", HostConfigView.of(spec, "again"));

    assertEquals(spec, read(body.toString()));
  }

  @Test
  void liftedAndOwnPathsAreToldApart() {
    assertTrue(read("{\"HostConfig\":{\"MaskedPaths\":[],\"ReadonlyPaths\":[]}}").securityOptions().contains("systempaths=unconfined"));
    assertEquals(List.of(), read("{\"HostConfig\":{\"MaskedPaths\":[]}}").special().maskedPaths());
    assertEquals(PLAIN, read("{\"HostConfig\":{\"MaskedPaths\":null}}"));
  }

  @Test
  void aPrivilegedContainerHasThePathsThatItAskedFor() {
    String usual = HostConfigView.of(PLAIN, "plain").get("MaskedPaths").toString();
    ContainerSpec asked = read("{\"HostConfig\":{\"Privileged\":true,\"MaskedPaths\":" + usual + "}}");

    assertEquals(usual, HostConfigView.of(asked, "asked").get("MaskedPaths").toString());
    assertTrue(HostConfigView.of(asked, "asked").get("ReadonlyPaths").isNull(), "the policy says whether it has these");
    assertEquals(usual, MAPPER.valueToTree(asked.special().maskedPaths()).toString());
    assertEquals(PLAIN, read("{\"HostConfig\":{\"MaskedPaths\":" + usual + "}}"));
  }

  @Test
  void readsDevicesByName() {
    assertEquals(
        List.of(new DeviceRequest("nvidia", -1, List.of(), List.of(List.of("gpu", "utility")), Map.of("a", "b")), new DeviceRequest("cdi", 0, List.of("vendor.example/net=card0"), List.of(), Map.of())),
        read(
                "{\"HostConfig\":{\"DeviceRequests\":[{\"Driver\":\"nvidia\",\"Count\":-1,\"Capabilities\":[[\"gpu\",\"utility\"]],\"Options\":{\"a\":\"b\"}},"
                    + "{\"Driver\":\"cdi\",\"Count\":0,\"DeviceIDs\":[\"vendor.example/net=card0\"],\"Capabilities\":null,\"Options\":null}]}}")
            .special()
            .deviceRequests());
    assertThrows(TallymanException.class, () -> read("{\"HostConfig\":{\"DeviceRequests\":[{\"Capabilities\":[\"gpu\"]}]}}"));
  }

  @Test
  void portWithoutPlaceIsPublishedOnAFreeOne() {
    assertEquals(List.of(new PortBinding("80/tcp", "", "")), read("{\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[]}}}").portBindings());
  }

  @Test
  void mountsAreReadAsTheyAre() {
    String json =
        "{\"Volumes\":{\"/a\":{}},\"HostConfig\":{\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/t\",\"TmpfsOptions\":{\"SizeBytes\":1024,\"Mode\":448,\"Options\":[[\"noexec\"],[\"uid\",\"7\"]]}}]}}";

    var mounts = read(json).mounts();

    assertEquals(List.of("/a"), mounts.volumes());
    assertEquals(1024, mounts.mounts().get(0).tmpfsBytes());
    assertEquals(0700, mounts.mounts().get(0).tmpfsMode());
    assertEquals(List.of("noexec", "uid=7"), mounts.mounts().get(0).tmpfsOptions());
  }

  @Test
  void emptyEntrypointIsNoWishButOneEmptyTextIs() {
    assertEquals(null, read("{\"Entrypoint\":[]}").entrypoint());
    assertEquals(List.of(""), read("{\"Entrypoint\":[\"\"]}").entrypoint());
  }

  @Test
  void refusesWrongTypesByName() {
    for (String body : List.of("{\"Tty\":\"yes\"}", "{\"HostConfig\":[]}", "{\"HostConfig\":{\"Memory\":\"64m\"}}", "{\"HostConfig\":{\"Memory\":1.5}}", "{\"Env\":[1]}", "{\"Labels\":{\"a\":1}}",
        "{\"HostConfig\":{\"ConsoleSize\":[1,2,3]}}", "{\"HostConfig\":{\"ConsoleSize\":[1,-2]}}", "{\"HostConfig\":{\"ContainerIDFile\":7}}")) {
      TallymanException refusal = assertThrows(TallymanException.class, () -> read(body), body);
      assertTrue(String.valueOf(refusal.getMessage()).startsWith("invalid JSON: "), refusal.getMessage());
    }
  }

  @Test
  void nullAmongTextsIsAnEmptyOneAndOfTwoSpellingsTheLastCounts() {
    assertEquals(Map.of("a", "", "b", "c"), read("{\"Labels\":{\"a\":null,\"b\":\"c\"}}").labels());
    assertEquals(List.of("a", ""), read("{\"Cmd\":[\"a\",null]}").cmd());
    assertEquals(read("{\"HostConfig\":{\"NanoCpus\":500000000}}"), read("{\"HostConfig\":{\"NanoCpus\":1000000000,\"NanoCPUs\":500000000,\"nanocpus\":null}}"));
    assertEquals(read("{\"HostConfig\":{\"NanoCpus\":500000000}}"), read("{\"HostConfig\":{\"NanoCPUs\":1000000000,\"NanoCpus\":500000000}}"));
  }

  @Test
  void namesTheApiDoesNotHaveArePassedOverAndOthersMayHaveAnyCase() {
    assertEquals(PLAIN, read("{\"Future\":{\"a\":[1]},\"HostConfig\":{\"Future\":\"x\",\"RestartPolicy\":{\"Future\":1}}}"));
    assertEquals(read("{\"Image\":\"i\",\"Cmd\":[\"a\"],\"HostConfig\":{\"Memory\":67108864}}"), read("{\"image\":\"i\",\"CMD\":[\"a\"],\"hostconfig\":{\"memory\":67108864}}"));
    assertEquals("exact", read("{\"image\":\"other\",\"Image\":\"exact\"}").image());
    assertThrows(TallymanException.class, () -> read("{\"hostConfig\":{\"cgroupParent\":\"/x\"}}"));
  }

  /** A value of a type that the field does not have. */
  private static JsonNode wrong(JsonNode right) {
    return right.isNumber() ? MAPPER.getNodeFactory().textNode("x") : MAPPER.getNodeFactory().numberNode(7);
  }

  private static List<DynamicTest> refusalsOf(String file, String parent) throws IOException {
    return golden(file).properties().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
          List<JsonNode> values = new ArrayList<>(List.of(wrong(each.getValue().get("value"))));
          if (each.getValue().get("value").isNumber()) {
            values.add(MAPPER.readTree("1e40"));
            values.add(MAPPER.readTree("99999999999999999999"));
            values.add(MAPPER.readTree("0.5"));
          }
          for (JsonNode value : values) {
            ObjectNode body = MAPPER.createObjectNode();
            (parent.isEmpty() ? body : body.putObject(parent)).set(each.getKey(), value);
            TallymanException refusal = assertThrows(TallymanException.class, () -> read(body.toString()), body.toString());
            assertEquals(ErrorKind.INVALID, refusal.kind());
            assertTrue(String.valueOf(refusal.getMessage()).contains(each.getKey()), refusal.getMessage());
          }
        }))
        .toList();
  }

  @TestFactory
  List<DynamicTest> everyFieldOfHostConfigRefusesAWrongTypeByName() throws IOException {
    return refusalsOf("host-config.json", "HostConfig");
  }

  @TestFactory
  List<DynamicTest> everyFieldOfConfigRefusesAWrongTypeByName() throws IOException {
    return refusalsOf("container-config.json", "");
  }

  @TestFactory
  List<DynamicTest> everyMappedFieldOfHostConfigIsShownAsItWasGiven() throws IOException {
    return golden("host-config.json").properties().stream()
        .filter(each -> each.getValue().get("fate").asText().equals("mapped"))
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
          ObjectNode body = MAPPER.createObjectNode();
          body.putObject("HostConfig").set(each.getKey(), each.getValue().get("value"));

          JsonNode shown = MAPPER.readTree(HostConfigView.of(read(body.toString()), "echoing").toString());

          assertEquals(each.getValue().path("shown").isMissingNode() ? each.getValue().get("value") : each.getValue().get("shown"), shown.get(each.getKey()));
        }))
        .toList();
  }

  @Test
  void readsPlacesOnNetworks() {
    List<PlaceSpec> places =
        read(
                "{\"NetworkingConfig\":{\"EndpointsConfig\":{\"mine\":{\"IPAMConfig\":{\"IPv4Address\":\"10.0.0.5\"},\"Aliases\":[\"db\"],\"Links\":[\"a:b\"],\"GwPriority\":3,\"DriverOpts\":{\"of.mine\":\"x\"}},"
                    + "\"default\":{\"MacAddress\":\"02:42:00:00:00:01\",\"NetworkID\":\"x\",\"DNSNames\":[\"y\"]}}}}")
            .networking()
            .places();

    assertEquals(
        List.of(new PlaceSpec("mine", "10.0.0.5", "", List.of("db"), List.of("a:b"), 3, "", Map.of("of.mine", "x")), new PlaceSpec("bridge", "", "02:42:00:00:00:01", List.of(), List.of(), 0)), places);
    for (String wrong : List.of("{\"DriverOpts\":{\"com.docker.network.endpoint.other\":\"b\"}}", "{\"DriverOpts\":{\"a\":1}}", "{\"IPAMConfig\":{\"IPv6Address\":5}}", "{\"IPAMConfig\":{\"LinkLocalIPs\":[\"169.254.1.1\"]}}", "{\"Aliases\":\"a\"}", "7")) {
      assertThrows(TallymanException.class, () -> read("{\"NetworkingConfig\":{\"EndpointsConfig\":{\"mine\":" + wrong + "}}}"), wrong);
    }
  }
}
