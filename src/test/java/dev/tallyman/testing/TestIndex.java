package dev.tallyman.testing;

import static io.restassured.RestAssured.given;

import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** Pushes to the server's own registry as a client does. */
public final class TestIndex {
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private TestIndex() {}

  public static RequestSpecification as(String token) {
    return given().urlEncodingEnabled(false).header("Authorization", "Bearer " + token);
  }

  public static String sha256(byte[] content) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  public static String blob(String token, String repository, String text) {
    byte[] content = bytes(text);
    as(token).contentType("application/octet-stream").body(content).post("/v2/" + repository + "/blobs/uploads/?digest=" + sha256(content)).then().statusCode(201);
    return sha256(content);
  }

  /** @return the manifest's digest */
  public static String image(String token, String repository, String tag, String config, String... layers) {
    blob(token, repository, config);
    String list = Arrays.stream(layers).map(each -> descriptor("application/vnd.oci.image.layer.v1.tar", blob(token, repository, each), bytes(each).length, "")).collect(Collectors.joining(","));
    String document =
        "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":" + descriptor("application/vnd.oci.image.config.v1+json", sha256(bytes(config)), bytes(config).length, "") + ",\"layers\":[" + list + "]}";
    return put(token, repository, tag, MANIFEST, document);
  }

  /** @param more fields of the one child's descriptor, beginning with a comma */
  public static String index(String token, String repository, String tag, String child, String more) {
    return put(token, repository, tag, INDEX, "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[" + descriptor(MANIFEST, child, 7, more) + "]}");
  }

  /** A manifest about another one, e.g. a signature. @param subject digest of that one; @return its own digest */
  public static String referrer(String token, String repository, String subject, String artifactType) {
    String empty = descriptor("application/vnd.oci.empty.v1+json", blob(token, repository, "{}"), 2, "");
    String document =
        "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"artifactType\":\"" + artifactType + "\",\"config\":" + empty + ",\"layers\":[" + empty + "],\"subject\":"
            + descriptor(MANIFEST, subject, 7, "") + "}";
    return put(token, repository, sha256(bytes(document)), MANIFEST, document);
  }

  private static String put(String token, String repository, String tag, String type, String document) {
    return as(token).header("Content-Type", type).body(bytes(document)).put("/v2/" + repository + "/manifests/" + tag).then().statusCode(201).extract().header("Docker-Content-Digest");
  }

  private static String descriptor(String type, String digest, int size, String more) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + more + "}";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
