package dev.tallyman.dashboard;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.FormToken;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import org.jspecify.annotations.Nullable;

/** What the frame around every page shows; templates reach it as {@code inject:shell}. */
@Named("shell")
@RequestScoped
public class Shell {
  private final CurrentCaller caller;
  private final RoutingContext context;
  private @Nullable Flash flash;
  private boolean isFlashRead;

  @Inject
  Shell(CurrentCaller caller, RoutingContext context) {
    this.caller = caller;
    this.context = context;
  }

  public boolean isLoggedIn() {
    return caller.find().isPresent();
  }

  /** True while the only page open to the account is the change of its initial password. */
  public boolean isRestricted() {
    return caller.mustChangePassword();
  }

  public String accountName() {
    return caller.find().map(Caller::accountName).orElse("");
  }

  public String teamName() {
    return caller.find().map(Caller::teamName).orElse("");
  }

  public boolean canChange() {
    return caller.find().filter(known -> known.role().includes(Role.MEMBER)).isPresent();
  }

  public boolean isAdministrator() {
    return caller.find().filter(known -> known.role().includes(Role.ADMINISTRATOR)).isPresent();
  }

  /** Value of the hidden field that every form carries. */
  public String formToken() {
    return FormToken.of(context);
  }

  public String language() {
    return Language.of(context).tag();
  }

  /** Name or address of this server as the reader's browser knows it, without a port. */
  public String hostName() {
    HostAndPort authority = context.request().authority();
    return authority == null ? "localhost" : authority.host();
  }

  /** The same with the port. */
  public String hostAndPort() {
    HostAndPort authority = context.request().authority();
    return authority == null ? "localhost" : authority.toString();
  }

  /** The same as docker needs it before a repository's name: a name without dot or port would mean Docker Hub's account of that name. */
  public String registryHost() {
    String host = hostAndPort();
    boolean isPlainName = host.matches("[^.:]+") && !host.equals("localhost");
    return isPlainName ? host + (context.request().isSSL() ? ":443" : ":80") : host;
  }

  /** A name that the reader's team may give to a new repository. */
  public String exampleRepository() {
    return teamName() + "/app";
  }

  /** Path and query of this page, for forms that lead back to it. */
  public String here() {
    return Links.local(context.request().uri());
  }

  /** Part of the site, e.g. {@code containers}: the first step of the path below /ui. */
  public String section() {
    String path = context.request().path();
    String below = path.startsWith("/ui/") ? path.substring("/ui/".length()) : "";
    int end = below.indexOf('/');
    return end < 0 ? below : below.substring(0, end);
  }

  /** The message that the last action left; shown once. */
  public @Nullable Flash flash() {
    if (!isFlashRead) {
      isFlashRead = true;
      flash = Flash.take(context);
    }
    return flash;
  }
}
