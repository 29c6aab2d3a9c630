package dev.tallyman.dashboard;

import dev.tallyman.error.TallymanException;
import dev.tallyman.web.Problem;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.qute.i18n.MessageBundles;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.function.Supplier;

/** How pages answer: a template in the reader's language, or the way to the next page (POST, redirect, GET). */
@RequestScoped
public class Answers {
  private final RoutingContext context;

  @Inject
  Answers(RoutingContext context) {
    this.context = context;
  }

  public TemplateInstance page(TemplateInstance template) {
    return template.setAttribute(MessageBundles.ATTRIBUTE_LOCALE, Language.of(context).locale());
  }

  /** The bundle of texts in the reader's language, for messages that code composes. */
  public <T> T texts(Class<T> bundle) {
    return MessageBundles.get(bundle, io.quarkus.qute.i18n.Localized.Literal.of(Language.of(context).tag()));
  }

  /** True when a script of ours asked and will follow the way itself. */
  public boolean isPart() {
    return context.request().headers().contains("HX-Request");
  }

  public Response to(String path) {
    if (isPart()) {
      return Response.ok().header("HX-Redirect", path).build();
    }
    return Response.seeOther(URI.create(path)).build();
  }

  public Response done(String path, String text) {
    new Flash(false, text).leave(context);
    return to(path);
  }

  public Response failed(String path, String text) {
    new Flash(true, text).leave(context);
    return to(path);
  }

  /** Why something was refused, in the reader's language. */
  public String reason(TallymanException refusal) {
    return say(String.valueOf(refusal.getMessage()));
  }

  /** A sentence of a service in the reader's language; one that is in it already stays. */
  public String say(String sentence) {
    return Refusals.say(Language.of(context), sentence);
  }

  /** The same failure for a reader. */
  Problem inWords(Problem problem) {
    return new Problem(problem.type(), say(problem.title()), problem.status(), say(problem.detail()), problem.instance());
  }

  /** Runs an action whose refusal is shown on the page it leads to. */
  public Response attempt(String path, Supplier<String> action) {
    try {
      return done(path, action.get());
    } catch (TallymanException e) {
      return failed(path, reason(e));
    }
  }
}
