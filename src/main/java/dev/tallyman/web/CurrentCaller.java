package dev.tallyman.web;

import dev.tallyman.identity.Caller;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** The caller of the current request, for REST resources and pages. */
@RequestScoped
public class CurrentCaller {
  private final RoutingContext context;

  @Inject
  CurrentCaller(RoutingContext context) {
    this.context = context;
  }

  /** @throws dev.tallyman.error.TallymanException UNAUTHENTICATED when nobody is logged in */
  public Caller get() {
    return Callers.required(context);
  }

  public Optional<Caller> find() {
    return Callers.of(context);
  }

  public boolean mustChangePassword() {
    return Callers.mustChangePassword(context);
  }
}
