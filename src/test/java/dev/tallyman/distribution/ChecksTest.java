package dev.tallyman.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Platform;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pure checks of what registries and clients say. */
class ChecksTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String CONFIG = "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + DIGEST + "\",\"size\":10}";
  private static final String LAYER = "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"" + DIGEST + "\",\"size\":10}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1", "127.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "168.63.129.16", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a83f:8110", "2002:7f00:1::",
        "2001:db8::1", "2001::1", "ff02::1"
      })
  void addressesThatNoRegistryMayPointTo(String address) throws UnknownHostException {
    assertFalse(PublicAddress.is(InetAddress.getByName(address)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::808:808"})
  void addressesOfTheInternet(String address) throws UnknownHostException {
    assertTrue(PublicAddress.is(InetAddress.getByName(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254", "::ffff:169.254.169.254", "::a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9:fe:a9fe::",
        "64:ff9b:1::a9:fea9:fe00:0", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1", "2001:0:808:808:0:0:5601:5601", "fe80::1", "ff02::1", "64:ff9b::e000:1", "::", "0.0.0.0",
        "100.100.100.200", "::ffff:100.100.100.200", "64:ff9b::6464:64c8", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"
      })
  void addressesThatAreNeverAskedHoweverTheyAreWritten(String address) throws UnknownHostException {
    assertTrue(PublicAddress.isNever(InetAddress.getByName(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1", "10.1.2.3", "100.100.100.201", "168.63.129.17", "::1", "fd12::1", "fd00:ec3::254", "8.8.8.8", "2606:4700::1", "64:ff9b::a00:1", "64:ff9b:1::808:808", "2002:a00:1::1",
        "2001:0:808:808::1"
      })
  void addressesThatAnAdministratorMayName(String address) throws UnknownHostException {
    assertFalse(PublicAddress.isNever(InetAddress.getByName(address)));
  }

  @Test
  void challenges() {
    Challenge bearer = Challenge.parse("Bearer realm=\"https://auth.example/token\",service=\"registry\", scope=\"repository:a/b:pull,push\"");
    assertEquals("bearer", bearer.scheme());
    assertEquals("https://auth.example/token", bearer.get("realm"));
    assertEquals("repository:a/b:pull,push", bearer.get("scope"));
    assertEquals("a\"b", Challenge.parse("Basic realm=\"a\\\"b\"").get("realm"));
    assertEquals("", Challenge.parse("Negotiate").get("realm"));
    assertEquals("", Challenge.parse("Bearer realm=\"never closed" + "x".repeat(100_000)).get("realm"));
  }

  @Test
  void credentialsStayWithTheRegistrysOwner() {
    Endpoint hub = new Endpoint("https", "registry-1.docker.io", true, false);
    assertTrue(Tokens.belongsTo(hub, URI.create("https://auth.docker.io/token")));
    assertFalse(Tokens.belongsTo(hub, URI.create("http://auth.docker.io/token")));
    assertFalse(Tokens.belongsTo(hub, URI.create("https://auth.docker.io.evil.example/token")));
    assertFalse(Tokens.belongsTo(hub, URI.create("https://evildocker.io/token")));
    Endpoint top = new Endpoint("https", "registry.example", true, false);
    assertTrue(Tokens.belongsTo(top, URI.create("https://registry.example/token")));
    assertFalse(Tokens.belongsTo(top, URI.create("https://other.example/token")), "a top-level domain has no owner");
    Endpoint local = new Endpoint("http", "127.0.0.1:5000", false, false);
    assertTrue(Tokens.belongsTo(local, URI.create("http://127.0.0.1:5000/token")));
    assertFalse(Tokens.belongsTo(local, URI.create("http://127.0.0.1:5001/token")));
    assertFalse(Tokens.belongsTo(new Endpoint("https", "10.0.0.1", true, false), URI.create("https://9.0.0.1/token")));
  }

  @Test
  void logins() {
    assertTrue(Login.ofHeader(null).isNobody());
    assertTrue(Login.ofHeader(encoded("{}")).isNobody());
    assertEquals("rita", Login.ofHeader(encoded("{\"username\":\"rita\",\"password\":\"s>?~\"}")).user());
    assertEquals("s>?~", Login.ofHeader(encoded("{\"username\":\"rita\",\"password\":\"s>?~\"}")).password());
    assertEquals("p:w", Login.ofHeader(encoded("{\"auth\":\"" + Base64.getEncoder().encodeToString("u:p:w".getBytes(StandardCharsets.UTF_8)) + "\"}")).password());
    assertFalse(Login.ofHeader(encoded("{\"username\":\"rita\",\"password\":\"secret\"}")).toString().contains("secret"));
    for (String bad : List.of("!!", encoded("[]"), encoded("no json"), encoded("{\"auth\":\"!\"}"), "A".repeat(100_000))) {
      assertTrue(Login.ofHeader(bad).isNobody(), bad);
    }
  }

  @Test
  void loginsOfBuilds() {
    Map<String, Login> logins = Login.ofConfigHeader(encoded("{\"127.0.0.1:5000\":{\"username\":\"rita\",\"password\":\"a\",\"auth\":null,\"auth\":\"x\"},\"https://index.docker.io/v1/\":{\"username\":\"ravi\"},\"b\":7,\"c\":{\"auth\":\"!\"}}"));

    assertEquals("rita", logins.get("127.0.0.1:5000").user(), "docker-java writes a field twice");
    assertEquals("ravi", logins.get("docker.io").user());
    assertTrue(logins.get("b").isNobody() && logins.get("c").isNobody());
    for (String bad : List.of("", "!!", encoded("[]"), encoded("no json"), encoded("null"), "A".repeat(100_000))) {
      assertEquals(Map.of(), Login.ofConfigHeader(bad), bad);
    }
    assertEquals(Map.of(), Login.ofConfigHeader(null));
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void manifests() {
    Manifest manifest = parse("{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[" + LAYER + "]}", Manifest.OCI_MANIFEST);
    assertEquals(1, manifest.layers().size());
    assertFalse(manifest.isIndex());
    String entry = "{\"mediaType\":\"" + Manifest.OCI_MANIFEST + "\",\"digest\":\"" + DIGEST + "\",\"size\":5,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}";
    Manifest index = parse("{\"schemaVersion\":2,\"mediaType\":\"" + Manifest.OCI_INDEX + "\",\"manifests\":[" + entry + "]}", "");
    assertEquals(DIGEST, index.choose(Platform.of("linux/arm64")).digest());
    TallymanException none = assertThrows(TallymanException.class, () -> index.choose(Platform.of("linux/amd64")));
    assertEquals("no matching manifest for linux/amd64 in the manifest list entries", none.getMessage());
    Manifest several = parse("{\"schemaVersion\":2,\"mediaType\":\"" + Manifest.OCI_INDEX + "\",\"manifests\":[" + entry("386", "", 'a') + "," + entry("arm", "v5", 'b') + "," + entry("arm", "v6", 'c') + ","
        + entry("amd64", "v3", 'd') + "," + entry("amd64", "", 'e') + "]}", "");
    assertEquals("sha256:" + "e".repeat(64), several.choose(Platform.of("linux/amd64")).digest());
    assertEquals("sha256:" + "d".repeat(64), several.choose(Platform.of("linux/amd64/v3")).digest());
    assertEquals("sha256:" + "a".repeat(64), several.choose(Platform.of("linux/386")).digest());
    assertEquals("sha256:" + "c".repeat(64), several.choose(Platform.of("linux/arm")).digest());
  }

  private static String entry(String architecture, String variant, char digest) {
    return "{\"mediaType\":\"" + Manifest.OCI_MANIFEST + "\",\"digest\":\"sha256:" + String.valueOf(digest).repeat(64) + "\",\"size\":5,\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture
        + "\",\"variant\":\"" + variant + "\"}}";
  }

  @Test
  void manifestsThatAreRefused() {
    String layers = String.join(",", java.util.Collections.nCopies(10_000, LAYER));
    refused("layers", "{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[" + layers + "]}", Manifest.OCI_MANIFEST);
    refused("another kind", "{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[],\"manifests\":[]}", Manifest.OCI_MANIFEST);
    refused("another kind", "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", Manifest.OCI_INDEX);
    refused("calls itself", "{\"schemaVersion\":2,\"mediaType\":\"" + Manifest.OCI_INDEX + "\",\"manifests\":[]}", Manifest.OCI_MANIFEST);
    refused("JSON", "{\"schemaVersion\":2,\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[]}", Manifest.OCI_MANIFEST);
    refused("before 2016", "{\"schemaVersion\":1,\"fsLayers\":[]}", "application/vnd.docker.distribution.manifest.v1+prettyjws");
    refused("not supported", "{\"schemaVersion\":2}", "text/html");
    refused("no sha256 digest or no size", "{\"schemaVersion\":2,\"config\":" + CONFIG.replace(":10", ":-1") + ",\"layers\":[]}", Manifest.OCI_MANIFEST);
    refused("no sha256 digest or no size", "{\"schemaVersion\":2,\"config\":" + CONFIG.replace("\"size\":10", "\"size\":1e3") + ",\"layers\":[]}", Manifest.OCI_MANIFEST);
    refused("cannot be run", "{\"schemaVersion\":2,\"config\":" + CONFIG.replace("image.config", "empty") + ",\"layers\":[]}", Manifest.OCI_MANIFEST);
    refused("not supported", "{\"schemaVersion\":2,\"config\":" + CONFIG + ",\"layers\":[" + LAYER.replace("layer.v1.tar", "layer.nondistributable.v1.tar") + "]}", Manifest.OCI_MANIFEST);
  }

  private static Manifest parse(String json, String type) {
    return Manifest.parse(json.getBytes(StandardCharsets.UTF_8), type);
  }

  private static void refused(String why, String json, String type) {
    TallymanException e = assertThrows(TallymanException.class, () -> parse(json, type));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }
}
