package dev.tallyman.dashboard.volume;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.volume.Volume;
import dev.tallyman.volume.Volumes;
import dev.tallyman.volume.Volumes.NewVolume;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Creates, renames, clones, fills and removes volumes. */
@Page
@Blocking
@Path("/ui/volumes")
public class VolumeActions {
  private static final String LIST = "/ui/volumes";

  private final Volumes volumes;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  VolumeActions(Volumes volumes, CurrentCaller caller, Answers answers) {
    this.volumes = volumes;
    this.caller = caller;
    this.answers = answers;
  }

  @POST
  @Path("new")
  public Response create(@RestForm @Nullable String name, @RestForm @Nullable String size, @RestForm @Nullable String options, @RestForm @Nullable String labels) {
    try {
      Caller who = caller.get();
      who.require(Role.MEMBER, "create volume " + text(name));
      requireNew(who, text(name));
      Map<String, String> chosen = pairs(options);
      if (!text(size).isEmpty()) {
        chosen.put("size", text(size));
      }
      Volume made = volumes.create(who, new NewVolume(text(name), "", chosen, pairs(labels)));
      return answers.done(LIST + "/" + made.name(), texts().created(made.name()));
    } catch (TallymanException e) {
      return answers.failed(LIST, answers.reason(e));
    }
  }

  /** The service answers with a volume of that name that is there, as Docker does; whoever fills in a form means a new one. */
  private void requireNew(Caller who, String name) {
    if (volumes.list(who, Volumes.VolumeFilter.all()).stream().anyMatch(each -> each.name().equals(name))) {
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "volume name " + name + " is already in use; remove that volume or choose another name");
    }
  }

  private static Map<String, String> pairs(@Nullable String lines) {
    Map<String, String> pairs = new LinkedHashMap<>();
    text(lines)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              pairs.put(equals < 0 ? line : line.substring(0, equals), equals < 0 ? "" : line.substring(equals + 1));
            });
    return pairs;
  }

  @POST
  @Path("{name:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/remove")
  public Response remove(@RestPath String name, @RestForm @Nullable String next) {
    try {
      volumes.remove(caller.get(), name, false);
      return answers.done(LIST, texts().removed(name));
    } catch (TallymanException e) {
      return answers.failed(Links.local(next), answers.reason(e));
    }
  }

  @POST
  @Path("{name:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/rename")
  public Response rename(@RestPath String name, @RestForm @Nullable String to) {
    try {
      Volume renamed = volumes.rename(caller.get(), name, text(to));
      return answers.done(LIST + "/" + renamed.name(), texts().renamed(renamed.name()));
    } catch (TallymanException e) {
      return answers.failed(LIST + "/" + name, answers.reason(e));
    }
  }

  @POST
  @Path("{name:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/clone")
  public Response copy(@RestPath String name, @RestForm @Nullable String to) {
    try {
      Volume made = volumes.copy(caller.get(), name, text(to));
      return answers.done(LIST + "/" + made.name(), texts().cloned(name, made.name()));
    } catch (TallymanException e) {
      return answers.failed(LIST + "/" + name, answers.reason(e));
    }
  }

  @POST
  @Path("import")
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  public Response importTar(InputStream archive, @RestQuery @Nullable String name, @RestQuery @Nullable String size) {
    Volume made = volumes.importTar(caller.get(), NewVolume.limited(text(name), text(size)), archive);
    return answers.done(LIST + "/" + made.name(), texts().imported(made.name()));
  }

  /** Removes exactly what the page asked about: one that has got a container meanwhile stays, one that is gone is none of ours. */
  @POST
  @Path("prune")
  public Response prune(@RestForm @Nullable String names) {
    try {
      caller.get().require(Role.MEMBER, "prune volumes");
      List<String> asked = Stream.of(text(names).split("\\s+")).filter(each -> !each.isEmpty()).toList();
      long removed = asked.stream().filter(this::isRemoved).count();
      return answers.done(LIST, texts().pruned(removed, asked.size()));
    } catch (TallymanException e) {
      return answers.failed(LIST, answers.reason(e));
    }
  }

  private boolean isRemoved(String name) {
    try {
      volumes.remove(caller.get(), name, false);
      return true;
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.CONFLICT || e.kind() == ErrorKind.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private static String text(@Nullable String typed) {
    return typed == null ? "" : typed.strip();
  }

  private VolumeTexts texts() {
    return answers.texts(VolumeTexts.class);
  }
}
