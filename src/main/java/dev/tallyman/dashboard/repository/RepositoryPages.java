package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.index.Repositories;
import dev.tallyman.index.Repositories.Changes;
import dev.tallyman.index.Repositories.Details;
import dev.tallyman.index.Repositories.Listed;
import dev.tallyman.index.RepositoryImages;
import dev.tallyman.index.RepositoryImages.Tag;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import dev.tallyman.web.Statuses;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The list of repositories and the page of one, with what its team may change. Names have slashes, so they are parameters. */
@Page
@Blocking
@Path("/ui/repositories")
public class RepositoryPages {
  private static final String LIST = "/ui/repositories";

  private final Repositories repositories;
  private final RepositoryImages images;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  RepositoryPages(Repositories repositories, RepositoryImages images, CurrentCaller caller, Answers answers) {
    this.repositories = repositories;
    this.images = images;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list(@RestQuery @Nullable String q, @RestQuery @Nullable String last) {
    String query = text(q).strip();
    // One more tells whether there is a next page.
    List<Listed> found = repositories.page(caller.get(), query, text(last), RepositoryList.ROWS + 1);
    boolean hasMore = found.size() > RepositoryList.ROWS;
    return answers.page(Templates.list(new RepositoryList(hasMore ? found.subList(0, RepositoryList.ROWS) : found, query, text(last), hasMore)));
  }

  @GET
  @Path("one")
  public TemplateInstance one(@RestQuery @Nullable String name, @RestQuery @Nullable String last) {
    return answers.page(Templates.detail(view(Given.required(name, "name"), text(last), null)));
  }

  private RepositoryView view(String name, String after, RepositoryView.@Nullable Typed typed) {
    Caller who = caller.get();
    Details details = repositories.details(who, name);
    List<Tag> found = images.tags(who, name, after, RepositoryView.ROWS + 1);
    boolean hasMore = found.size() > RepositoryView.ROWS;
    return new RepositoryView(details, Readme.shown(details.readme()), hasMore ? found.subList(0, RepositoryView.ROWS) : found, after, hasMore, typed);
  }

  /** Changes what differs from what is there; what is refused is shown again as it was typed. */
  @POST
  @Path("edit")
  public Response edit(@RestForm @Nullable String name, @RestForm @Nullable String description, @RestForm @Nullable String readme) {
    String repository = Given.required(name, "name");
    // Browsers send line ends of a text field as CR LF.
    String typedReadme = text(readme).replace("\r\n", "\n");
    Details before = repositories.details(caller.get(), repository);
    String newDescription = text(description).strip().equals(before.description()) ? null : text(description);
    String newReadme = typedReadme.equals(before.readme().replace("\r\n", "\n")) ? null : typedReadme;
    try {
      if (newDescription != null || newReadme != null) {
        repositories.change(caller.get(), repository, new Changes(null, newDescription, newReadme));
      }
      return answers.done(RepositoryView.path(repository), texts().changed(repository));
    } catch (TallymanException e) {
      if (e.kind() != ErrorKind.INVALID) {
        return refused(repository, e);
      }
      RepositoryView again = view(repository, "", new RepositoryView.Typed(text(description), typedReadme, answers.reason(e)));
      String html = answers.page(Templates.detail(again)).render();
      return Response.status(Statuses.of(e)).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
    }
  }

  @POST
  @Path("visibility")
  public Response visibility(@RestForm @Nullable String name, @RestForm @Nullable String visibility) {
    String repository = Given.required(name, "name");
    boolean isPublic = "public".equals(visibility);
    if (!isPublic && !"private".equals(visibility)) {
      throw new TallymanException(ErrorKind.INVALID, "visibility must be public or private");
    }
    try {
      repositories.change(caller.get(), repository, new Changes(isPublic, null, null));
      return answers.done(RepositoryView.path(repository), isPublic ? texts().madePublic(repository) : texts().madePrivate(repository));
    } catch (TallymanException e) {
      return refused(repository, e);
    }
  }

  @POST
  @Path("delete")
  public Response delete(@RestForm @Nullable String name) {
    String repository = Given.required(name, "name");
    try {
      repositories.delete(caller.get(), repository);
      return answers.done(LIST, texts().deleted(repository));
    } catch (TallymanException e) {
      return refused(repository, e);
    }
  }

  /** Takes a tag away, or by digest a manifest with all its tags. */
  @POST
  @Path("delete-image")
  public Response deleteImage(@RestForm @Nullable String name, @RestForm @Nullable String reference) {
    String repository = Given.required(name, "name");
    String which = Given.required(reference, "reference");
    try {
      repositories.deleteImage(caller.get(), repository, which);
      return answers.done(RepositoryView.path(repository), texts().deletedImage(which));
    } catch (TallymanException e) {
      return refused(repository, e);
    }
  }

  /** On the repository's page, for whoever may see it: of others its name alone would tell something. */
  private Response refused(String repository, TallymanException refusal) {
    repositories.details(caller.get(), repository);
    return answers.failed(RepositoryView.path(repository), answers.reason(refusal));
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given;
  }

  private RepositoryTexts texts() {
    return answers.texts(RepositoryTexts.class);
  }

  @CheckedTemplate(basePath = "repository")
  static class Templates {
    static native TemplateInstance list(RepositoryList list);

    static native TemplateInstance detail(RepositoryView view);
  }
}
