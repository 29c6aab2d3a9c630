package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.index.IndexStore.BlobRow;
import dev.tallyman.index.IndexStore.ManifestRow;
import dev.tallyman.index.Uploads.Upload;
import dev.tallyman.web.BodyLimit;
import dev.tallyman.web.Failures;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.PathPart;
import org.jspecify.annotations.Nullable;

/** The OCI distribution specification's endpoints. Names hold slashes, so paths are taken apart here and not by the platform. */
@Path("/v2/{rest:.*}")
@Blocking
class IndexResource {
  private static final Logger LOG = Logger.getLogger(IndexResource.class);
  private static final String DIGEST = "Docker-Content-Digest";

  private final RoutingContext context;
  private final Visitors visitors;
  private final BlobService blobs;
  private final ManifestService manifests;
  private final IndexLists lists;
  private final TokenGrants grants;

  @Inject
  IndexResource(RoutingContext context, Visitors visitors, BlobService blobs, ManifestService manifests, IndexLists lists, TokenGrants grants) {
    this.context = context;
    this.visitors = visitors;
    this.blobs = blobs;
    this.manifests = manifests;
    this.lists = lists;
    this.grants = grants;
  }

  private interface Work {
    Response on(Visitor visitor, Address address) throws IOException;
  }

  @GET
  public Response get() {
    return answer(
        (visitor, at) ->
            switch (at.kind()) {
              case BASE -> base(visitor);
              case TOKEN -> token(visitor);
              case CATALOG -> lists.catalog(context, requireKnown(visitor));
              case TAGS -> lists.tags(context, visitor, at.repository());
              case REFERRERS -> lists.referrers(context, visitor, at.repository(), at.reference());
              case MANIFEST -> manifest(manifests.pull(visitor, at.repository(), at.reference()));
              case BLOB -> blob(blobs.find(visitor, at.repository(), new ContentDigest(at.reference())), true);
              case UPLOAD -> blobs.with(visitor, at.repository(), at.reference(), upload -> progress(204, upload));
              case UPLOADS, NONE -> refuse(at);
            });
  }

  @HEAD
  public Response head() {
    return answer(
        (visitor, at) ->
            switch (at.kind()) {
              case BASE -> base(visitor);
              case MANIFEST -> described(manifests.find(visitor, at.repository(), at.reference())).build();
              case BLOB -> blob(blobs.find(visitor, at.repository(), new ContentDigest(at.reference())), false);
              case TOKEN, CATALOG, TAGS, REFERRERS, UPLOADS, UPLOAD, NONE -> refuse(at);
            });
  }

  @POST
  public Response post(InputStream body) {
    return answer((visitor, at) -> at.kind() == Address.Kind.UPLOADS ? begin(visitor, at.repository(), body) : refuse(at));
  }

  @PATCH
  public Response patch(InputStream body) {
    return answer(
        (visitor, at) ->
            at.kind() != Address.Kind.UPLOAD
                ? refuse(at)
                : blobs.with(
                    visitor, at.repository(), at.reference(),
                    upload -> {
                      blobs.append(visitor, upload, body, context.request().getHeader("Content-Range"), null);
                      return progress(202, upload);
                    }));
  }

  @PUT
  public Response put(InputStream body) {
    return answer(
        (visitor, at) ->
            switch (at.kind()) {
              case MANIFEST -> push(visitor, at, body);
              case UPLOAD -> {
                ContentDigest digest = digestParameter();
                yield blobs.with(visitor, at.repository(), at.reference(), upload -> finish(visitor, upload, body, digest));
              }
              case BASE, TOKEN, CATALOG, TAGS, REFERRERS, BLOB, UPLOADS, NONE -> refuse(at);
            });
  }

  @DELETE
  public Response delete() {
    return answer(
        (visitor, at) -> {
          switch (at.kind()) {
            case MANIFEST -> manifests.delete(visitor, at.repository(), at.reference());
            case BLOB -> blobs.delete(visitor, at.repository(), new ContentDigest(at.reference()));
            case UPLOAD -> {
              return blobs.with(
                  visitor, at.repository(), at.reference(),
                  upload -> {
                    blobs.cancel(upload);
                    return Response.noContent().build();
                  });
            }
            case BASE, TOKEN, CATALOG, TAGS, REFERRERS, UPLOADS, NONE -> refuse(at);
          }
          return Response.accepted().build();
        });
  }

  private Response answer(Work work) {
    Address address = new Address(Address.Kind.BASE, "", "");
    Response answer;
    try {
      address = Address.parse(String.valueOf(context.request().path()));
      answer = work.on(visitors.of(context.request()), address);
    } catch (TallymanException e) {
      answer = IndexAnswers.failure(e, context.request(), address);
      if (e instanceof SlowBodyException || e.kind() == ErrorKind.TOO_LARGE) {
        BodyLimit.closeAfterAnswer(context);
      }
    } catch (IOException | RuntimeException e) {
      // The boundary of this edge: the client hears of it in the form that it reads.
      TallymanException known = Failures.known(e);
      if (known == null) {
        LOG.errorf(e, "%s %s failed", context.request().method(), context.request().path());
      }
      answer = known != null ? IndexAnswers.failure(known, context.request(), address) : IndexAnswers.error(500, "UNKNOWN", Failures.UNEXPECTED).build();
    }
    context.response().putHeader("Docker-Distribution-Api-Version", "registry/2.0").putHeader("X-Content-Type-Options", "nosniff");
    return answer;
  }

  private static Response refuse(Address address) {
    if (address.kind() == Address.Kind.NONE) {
      throw IndexException.absent("NAME_UNKNOWN", "there is nothing at this path");
    }
    return IndexAnswers.error(405, "UNSUPPORTED", "this path has other methods").build();
  }

  /** Asks everybody without credentials to log in, also where anonymous reading is allowed: clients get their token that way. */
  private static Visitor requireKnown(Visitor visitor) {
    if (visitor.isAnonymous() && visitor.scopes() == null) {
      throw new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "log in to use this registry");
    }
    return visitor;
  }

  private static Response base(Visitor visitor) {
    requireKnown(visitor);
    return Response.ok("{}").type("application/json").build();
  }

  private Response token(Visitor visitor) {
    String token = grants.grant(visitor, context.queryParam("scope"));
    JsonObject answer = new JsonObject().put("token", token).put("access_token", token).put("expires_in", grants.lifetimeSeconds()).put("issued_at", Instant.now().toString());
    return Response.ok(answer.encode()).type("application/json").header("Cache-Control", "no-store").build();
  }

  private static Response manifest(ManifestService.Content content) {
    return described(content.row()).entity(content.bytes()).build();
  }

  private static Response.ResponseBuilder described(ManifestRow row) {
    return Response.ok().type(row.mediaType()).header("Content-Length", row.bytes()).header(DIGEST, row.digest()).header("ETag", "\"" + row.digest() + "\"");
  }

  private Response blob(BlobRow row, boolean hasBody) {
    Ranges part = Ranges.of(hasBody ? context.request().getHeader("Range") : null, row.bytes());
    Response.ResponseBuilder built =
        Response.status(part.isWhole() ? 200 : 206).type("application/octet-stream").header("Content-Length", part.count()).header(DIGEST, row.digest()).header("Accept-Ranges", "bytes");
    if (!part.isWhole()) {
      built.header("Content-Range", part.shown(row.bytes()));
    }
    return hasBody && part.count() > 0 ? built.entity(new PathPart(blobs.file(row), part.first(), part.count())).build() : built.build();
  }

  private Response begin(Visitor visitor, String name, InputStream body) throws IOException {
    String mounted = context.request().getParam("mount");
    String from = context.request().getParam("from");
    if (mounted != null && blobs.mount(visitor, name, new ContentDigest(mounted), from == null ? null : Address.requireName(from))) {
      return created("/v2/" + name + "/blobs/" + mounted, mounted).build();
    }
    ContentDigest digest = context.request().getParam("digest") == null ? null : digestParameter();
    Upload upload = blobs.begin(visitor, name);
    return digest == null ? progress(202, upload) : blobs.with(visitor, name, upload.id, one -> finish(visitor, one, body, digest));
  }

  private Response finish(Visitor visitor, Upload upload, InputStream body, ContentDigest digest) throws IOException {
    blobs.append(visitor, upload, body, context.request().getHeader("Content-Range"), digest);
    blobs.finish(visitor, upload, digest);
    return created("/v2/" + upload.repository + "/blobs/" + digest, digest.text()).build();
  }

  private Response push(Visitor visitor, Address at, InputStream body) {
    List<String> tags = Address.isDigest(at.reference()) ? context.queryParam("tag") : List.of();
    ManifestService.Pushed pushed = manifests.push(visitor, at.repository(), at.reference(), tags, body, context.request().getHeader("Content-Type"));
    Response.ResponseBuilder built = created("/v2/" + at.repository() + "/manifests/" + pushed.digest(), pushed.digest());
    if (pushed.subject() != null) {
      built.header("OCI-Subject", pushed.subject());
    }
    tags.forEach(tag -> built.header("OCI-Tag", tag));
    return built.build();
  }

  private static Response progress(int status, Upload upload) {
    return Response.status(status).header("Location", upload.location()).header("Range", upload.range()).header("Docker-Upload-UUID", upload.id).build();
  }

  private static Response.ResponseBuilder created(String location, String digest) {
    return Response.status(201).header("Location", location).header(DIGEST, digest);
  }

  private ContentDigest digestParameter() {
    @Nullable String digest = context.request().getParam("digest");
    return new ContentDigest(digest == null ? "" : digest);
  }
}
