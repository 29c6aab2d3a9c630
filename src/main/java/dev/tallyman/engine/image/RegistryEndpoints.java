package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.distribution.Login;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.ImageFilter;
import dev.tallyman.image.Platform;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;

/** Pull, push, log-in and questions to registries. Credentials come with each request, in the client's header. */
@Singleton
class RegistryEndpoints implements EngineEndpoints {
  private static final String LOGIN_HEADER = "X-Registry-Auth";

  private final Distribution distribution;
  private final Images images;

  @Inject
  RegistryEndpoints(Distribution distribution, Images images) {
    this.images = images;
    this.distribution = distribution;
  }

  @Override
  public void register(EndpointTable table) {
    table.post("/images/{name}/push", this::push);
    table.get("/distribution/{name}/json", this::describe);
    table.post("/auth", this::login);
  }

  /** The half of {@code /images/create} that asks a registry. */
  Answer pull(Exchange exchange) throws IOException {
    Query query = exchange.query();
    String image = query.text("fromImage");
    String tag = query.text("tag");
    Platform platform = ImageTransfer.platform(exchange);
    Login login = Login.ofHeader(exchange.header(LOGIN_HEADER));
    Progress progress = new Progress(exchange);
    progress.run(
        () -> {
          if (tag.isEmpty() && !isTagged(image)) {
            distribution.pullAll(exchange.caller(), image, platform, login, progress);
          } else {
            distribution.pull(exchange.caller(), wanted(image, tag), platform, login, progress);
          }
        });
    return Answer.streamed();
  }

  /** A tag, or digest, beside the name takes the place of the one in it: libraries send both. Only not a tag that of a digest: who named that wants no other bytes. */
  private static String wanted(String image, String tag) {
    if (tag.isEmpty() || (image.contains("@") && !tag.contains(":"))) {
      return image;
    }
    String named = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
    String repository = isTagged(named) ? named.substring(0, named.lastIndexOf(':')) : named;
    return repository + (tag.contains(":") ? "@" : ":") + tag;
  }

  private static boolean isTagged(String image) {
    return image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/');
  }

  private Answer push(Exchange exchange) throws IOException {
    Login login = Login.ofHeader(exchange.header(LOGIN_HEADER));
    Platform platform = PlatformParameter.read(exchange, "platform", 46);
    if (platform != null) {
      names(exchange).forEach(each -> platform.require(each, images.inspect(exchange.caller(), each)));
    }
    Progress progress = new Progress(exchange);
    progress.run(
        () -> {
          try {
            push(exchange, login, progress);
          } catch (TallymanException e) {
            // dockerd says where to before it looks for the image: that there is none is told in the stream.
            if (e.kind() == ErrorKind.NOT_FOUND && !progress.isBegun()) {
              progress.line("The push refers to repository [" + ImageReference.parse(exchange.name()).repository() + "]");
            }
            throw e;
          }
        });
    return Answer.streamed();
  }

  private void push(Exchange exchange, Login login, Progress progress) {
    for (String name : names(exchange)) {
      Distribution.Pushed pushed = distribution.push(exchange.caller(), name, login, progress);
      progress.fact(Json.object().put("Tag", pushed.tag()).put("Digest", pushed.digest()).put("Size", pushed.size()));
    }
  }

  /** Without a tag all that the repository has here, as with {@code docker push --all-tags}. */
  private List<String> names(Exchange exchange) {
    Caller caller = exchange.caller();
    String name = exchange.name();
    String tag = exchange.query().text("tag");
    if (!tag.isEmpty() || isTagged(name)) {
      return List.of(wanted(name, tag));
    }
    String repository = ImageReference.parse(name).repository();
    List<String> all =
        images.list(caller, ImageFilter.all()).stream()
            .filter(each -> each.team() == caller.team())
            .flatMap(each -> each.tags().stream())
            .filter(each -> ImageReference.parse(each).repository().equals(repository))
            .sorted()
            .toList();
    if (all.isEmpty()) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "An image does not exist locally with the tag: " + name);
    }
    return all;
  }

  private Answer describe(Exchange exchange) {
    Distribution.Description found = distribution.describe(exchange.caller(), exchange.name(), Login.ofHeader(exchange.header(LOGIN_HEADER)));
    ObjectNode view = Json.object();
    view.putObject("Descriptor").put("mediaType", found.mediaType()).put("digest", found.digest()).put("size", found.size());
    ArrayNode platforms = view.putArray("Platforms");
    for (Platform each : found.platforms()) {
      ObjectNode row = platforms.addObject().put("architecture", each.architecture()).put("os", each.os());
      if (!each.variant().isEmpty()) {
        row.put("variant", each.variant());
      }
    }
    return Answer.ok(view);
  }

  private Answer login(Exchange exchange) {
    JsonFields fields = exchange.json();
    Login login = new Login(fields.text("username"), fields.text("password"), fields.text("identitytoken"));
    String registry = fields.text("serveraddress");
    fields.ignore("email", "auth", "registrytoken");
    distribution.checkLogin(exchange.caller(), registry, login);
    return Answer.ok(Json.object().put("Status", "Login Succeeded").put("IdentityToken", ""));
  }
}
