package dev.tallyman.dashboard;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** The entrance and the switch of languages. */
@Path("/ui")
public class HomePages {
  private final RoutingContext context;

  @Inject
  HomePages(RoutingContext context) {
    this.context = context;
  }

  @GET
  public Response home() {
    return Response.seeOther(URI.create(Links.HOME)).build();
  }

  /** Whatever no other page took. */
  @GET
  @Path("{rest:.+}")
  public Response nothing() {
    throw new NotFoundException();
  }

  /** Works before login too, so it takes no form token: a foreign page could change the language at worst. */
  @POST
  @Path("language")
  public Response language(@RestForm @Nullable String language, @RestForm @Nullable String next) {
    Language.byTag(language).remember(context);
    return Response.seeOther(URI.create(Links.local(next))).build();
  }
}
