package dev.tallyman.dashboard.event;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;

/** What happened, newest first, page by page; the first page is told when there is more. */
@Page
@Blocking
@Path("/ui/events")
public class EventPages {
  private final Events events;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  EventPages(Events events, CurrentCaller caller, Answers answers) {
    this.events = events;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list(@BeanParam EventForm form) {
    Found found = find(form);
    return answers.page(Templates.list(found.form(), found.lines()));
  }

  /** The table alone, asked for again when something happened. */
  @GET
  @Path("rows")
  public TemplateInstance rows(@BeanParam EventForm form) {
    Found found = find(form);
    return answers.page(Templates.rows(found.form(), found.lines()));
  }

  private Found find(EventForm form) {
    // One row more than is shown tells whether there are older ones.
    List<Event> found = events.newest(form.query().seenBy(caller.get()), form.below(), EventForm.PAGE_ROWS + 1);
    boolean hasOlder = found.size() > EventForm.PAGE_ROWS;
    List<Event> shown = hasOlder ? found.subList(0, EventForm.PAGE_ROWS) : found;
    return new Found(form.show(hasOlder ? shown.get(shown.size() - 1).sequence() : null), shown.stream().map(EventLine::new).toList());
  }

  private record Found(EventForm.Shown form, List<EventLine> lines) {}

  @CheckedTemplate(basePath = "event")
  static class Templates {
    static native TemplateInstance list(EventForm.Shown form, List<EventLine> lines);

    static native TemplateInstance rows(EventForm.Shown form, List<EventLine> lines);
  }
}
