package dev.tallyman.dashboard.volume;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.VolumeFolders;
import dev.tallyman.volume.Volume;
import dev.tallyman.volume.Volumes;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The list of volumes and the page of one. */
@Page
@Blocking
@Path("/ui/volumes")
public class VolumePages {
  private final Volumes volumes;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  VolumePages(Volumes volumes, CurrentCaller caller, Answers answers) {
    this.volumes = volumes;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list(@RestQuery @Nullable String q) {
    Caller who = caller.get();
    String query = q == null ? "" : q.strip();
    List<VolumeRow> all = volumes.list(who, Volumes.VolumeFilter.all()).stream().flatMap(each -> row(who, each)).toList();
    return answers.page(Templates.list(new VolumeList(all.stream().filter(row -> matches(row.volume(), query)).toList(), all, query)));
  }

  /** None for one that was removed meanwhile. */
  private Stream<VolumeRow> row(Caller who, Volume volume) {
    try {
      return Stream.of(new VolumeRow(volume, volumes.users(who, volume.name())));
    } catch (TallymanException e) {
      return Stream.empty();
    }
  }

  private static boolean matches(Volume volume, String query) {
    String wanted = query.toLowerCase(Locale.ROOT);
    return volume.name().toLowerCase(Locale.ROOT).contains(wanted)
        || volume.labels().entrySet().stream().anyMatch(label -> (label.getKey() + "=" + label.getValue()).toLowerCase(Locale.ROOT).contains(wanted));
  }

  @GET
  @Path("{name:[a-zA-Z0-9][a-zA-Z0-9_.-]*}")
  public TemplateInstance detail(@RestPath String name) {
    Caller who = caller.get();
    Volume volume = volumes.inspect(who, name);
    return answers.page(Templates.detail(volume, volumes.users(who, name), volumes.mountpoint(volume)));
  }

  /** Asked for by the pages after they are shown: files have to be counted, which takes time where there are many. */
  @GET
  @Path("{name:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/size")
  public TemplateInstance size(@RestPath String name) {
    Volume volume = volumes.inspect(caller.get(), name);
    return answers.page(Templates.size(volume, volumes.size(caller.get(), name)));
  }

  @GET
  @Path("{name:[a-zA-Z0-9][a-zA-Z0-9_.-]*}/export")
  public Response export(@RestPath String name) {
    Caller who = caller.get();
    who.require(Role.MEMBER, "export volume " + name); // before the answer begins
    Volume volume = volumes.inspect(who, name);
    StreamingOutput archive = out -> volumes.export(who, volume.name(), out);
    return Response.ok(archive, "application/x-tar").header("Content-Disposition", "attachment; filename=\"" + volume.name() + ".tar\"").build();
  }

  @CheckedTemplate(basePath = "volume")
  static class Templates {
    static native TemplateInstance list(VolumeList list);

    static native TemplateInstance detail(Volume volume, List<Volumes.Users.User> users, String mountpoint);

    static native TemplateInstance size(Volume volume, VolumeFolders.Size size);
  }
}
