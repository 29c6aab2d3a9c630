package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.identity.Caller;
import dev.tallyman.index.ImageCustody;
import dev.tallyman.index.ImageCustody.Custody;
import dev.tallyman.index.Repositories;
import dev.tallyman.index.RepositoryImages;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The page of one image of a repository. */
@Page
@Blocking
@Path("/ui/repositories/image")
public class RepositoryImagePages {
  private final Repositories repositories;
  private final RepositoryImages images;
  private final ImageCustody custody;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  RepositoryImagePages(Repositories repositories, RepositoryImages images, ImageCustody custody, CurrentCaller caller, Answers answers) {
    this.repositories = repositories;
    this.images = images;
    this.custody = custody;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance image(@RestQuery @Nullable String name, @RestQuery @Nullable String reference) {
    Caller who = caller.get();
    String repository = Given.required(name, "name");
    String which = Given.required(reference, "reference");
    return answers.page(Templates.image(new ImageView(repositories.details(who, repository), images.image(who, repository, which), which)));
  }

  /** Asked for by the page after it is shown: the whole trail has to be read. */
  @GET
  @Path("custody")
  public TemplateInstance custody(@RestQuery @Nullable String name, @RestQuery @Nullable String reference) {
    return answers.page(Templates.custody(custody.custody(caller.get(), Given.required(name, "name"), Given.required(reference, "reference"))));
  }

  @CheckedTemplate(basePath = "repository")
  static class Templates {
    static native TemplateInstance image(ImageView view);

    static native TemplateInstance custody(Custody custody);
  }
}
