package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.Builds;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The build cache as {@code docker system df} lists it. */
@Singleton
public class CacheRows {
  private final Builds builds;

  @Inject
  CacheRows(Builds builds) {
    this.builds = builds;
  }

  public ArrayNode of(Caller caller) {
    ArrayNode rows = Json.array();
    for (Builds.CachedStep each : builds.cache(caller)) {
      ObjectNode row = rows.addObject();
      row.put("ID", each.id()).put("Type", each.type()).put("Description", each.description()).put("InUse", each.isInUse()).put("Shared", each.isInUse()).put("Size", each.bytes());
      row.put("CreatedAt", Times.text(each.createdAt())).put("LastUsedAt", Times.text(each.lastUsedAt())).put("UsageCount", each.uses());
    }
    return rows;
  }
}
