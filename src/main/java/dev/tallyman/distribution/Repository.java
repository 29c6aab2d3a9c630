package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpHead;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/** One repository at one registry (distribution specification 1.1, endpoints end-2 to end-11). */
final class Repository implements ImageSource {
  private static final int LARGEST_ERROR = 64 * 1024;
  private static final int LARGEST_LIST = 4 << 20;
  private static final int MOST_TAGS = 10_000;

  private final RegistrySession session;
  private final String base;
  private final long leastPerMinute;

  /** @param path e.g. {@code library/busybox} */
  Repository(RegistrySession session, String path, long leastPerMinute) {
    this.session = session;
    this.base = "/v2/" + path;
    this.leastPerMinute = leastPerMinute;
  }

  @Override
  public String storedLogin() {
    return session.storedLogin();
  }

  Endpoint registry() {
    return session.registry();
  }

  @Override
  public Fetched manifest(String reference) throws IOException {
    try (ClassicHttpResponse answer = session.send(base + "/manifests/" + reference, true, this::manifestRequest)) {
      byte[] body = Bodies.read(answer, Manifest.LARGEST);
      if (answer.getCode() != 200) {
        throw RegistryErrors.of(answer.getCode(), body, "manifest");
      }
      Header type = answer.getFirstHeader("Content-Type");
      Manifest manifest = Manifest.parse(body, type == null ? "" : type.getValue());
      if (reference.startsWith("sha256:") && !manifest.digest().equals(reference)) {
        throw new TallymanException(ErrorKind.INVALID, "manifest verification failed for digest " + reference + ": the registry sent one with the digest " + manifest.digest());
      }
      return new Fetched(manifest, body);
    }
  }

  private HttpUriRequestBase manifestRequest(URI address) {
    HttpGet request = new HttpGet(address);
    request.setHeader("Accept", Manifest.ACCEPTED);
    return request;
  }

  @Override
  public InputStream blob(Manifest.Descriptor blob, LongConsumer progress) {
    return new BlobStream(session, base + "/blobs/" + blob.digest(), blob.size(), leastPerMinute, progress);
  }

  List<String> tags() throws IOException {
    List<String> tags = new ArrayList<>();
    String path = base + "/tags/list?n=1000";
    while (path != null && tags.size() < MOST_TAGS) {
      try (ClassicHttpResponse answer = session.send(path, true, HttpGet::new)) {
        byte[] body = Bodies.read(answer, LARGEST_LIST);
        if (answer.getCode() != 200) {
          throw RegistryErrors.of(answer.getCode(), body, "tags");
        }
        int before = tags.size();
        dev.tallyman.image.StrictJson.parseObject(body, "the list of tags").path("tags").forEach(each -> tags.add(each.asText()));
        path = tags.size() == before ? null : next(answer);
      }
    }
    return tags;
  }

  /** Of RFC 8288: {@code <path>; rel="next"}. */
  private @Nullable String next(ClassicHttpResponse answer) {
    Header link = answer.getFirstHeader("Link");
    if (link == null || !link.getValue().startsWith("<") || link.getValue().indexOf('>') < 0) {
      return null;
    }
    URI next = session.resolve(registry().resolve(base + "/tags/list"), link.getValue().substring(1, link.getValue().indexOf('>')));
    return registry().isAt(next) ? next.getRawPath() + (next.getRawQuery() == null ? "" : "?" + next.getRawQuery()) : null;
  }

  boolean has(String digest) throws IOException {
    try (ClassicHttpResponse answer = session.send(base + "/blobs/" + digest, true, HttpHead::new)) {
      if (answer.getCode() == 401 || answer.getCode() == 403) {
        throw RegistryErrors.of(answer.getCode(), new byte[0], "blob");
      }
      return answer.getCode() == 200;
    }
  }

  /** @return where the blob can be sent to; absent when it was found in the other repository, so that nothing is to be sent */
  @Nullable URI begin(@Nullable String digest, @Nullable String otherRepository) throws IOException {
    String mount = otherRepository == null ? "" : "?mount=" + digest + "&from=" + java.net.URLEncoder.encode(otherRepository, java.nio.charset.StandardCharsets.UTF_8);
    String path = base + "/blobs/uploads/" + mount;
    try (ClassicHttpResponse answer = session.send(path, true, HttpPost::new)) {
      byte[] body = Bodies.read(answer, LARGEST_ERROR);
      if (answer.getCode() == 201 && otherRepository != null) {
        return null;
      }
      Header location = answer.getFirstHeader("Location");
      if (answer.getCode() != 202 || location == null) {
        throw RegistryErrors.of(answer.getCode(), body, "upload");
      }
      return session.resolve(registry().resolve(path), location.getValue());
    }
  }

  /** Sends a whole blob. @param content is read once */
  void finish(URI upload, String digest, long size, InputStream content) throws IOException {
    String query = (upload.getRawQuery() == null ? "" : upload.getRawQuery() + "&") + "digest=" + digest;
    String address = upload.getScheme() + "://" + upload.getRawAuthority() + upload.getRawPath() + "?" + query;
    try (ClassicHttpResponse answer = session.send(address, false, target -> put(target, new BlobBody(content, size)))) {
      byte[] body = Bodies.read(answer, LARGEST_ERROR);
      if (answer.getCode() != 201) {
        throw RegistryErrors.of(answer.getCode(), body, "upload");
      }
    }
  }

  private static HttpUriRequestBase put(URI address, org.apache.hc.core5.http.HttpEntity entity) {
    HttpPut request = new HttpPut(address);
    request.setEntity(entity);
    return request;
  }

  void putManifest(String reference, byte[] bytes, String mediaType) throws IOException {
    ContentType type = ContentType.create(mediaType);
    try (ClassicHttpResponse answer = session.send(base + "/manifests/" + reference, true, address -> put(address, new ByteArrayEntity(bytes, type)))) {
      byte[] body = Bodies.read(answer, LARGEST_ERROR);
      if (answer.getCode() != 201 && answer.getCode() != 200) {
        throw RegistryErrors.of(answer.getCode(), body, "manifest");
      }
    }
  }
}
