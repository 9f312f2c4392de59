package io.smartedit.service;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The tenants and models that rest now, as {@code edits.pauses} says. Thread-safe. */
public final class Pauses implements TopicFollower.Reader {

  /** So many are kept, whoever writes to the topic. */
  private static final int MOST = 10_000;

  private final EventDeserializer<Paused> deserializer;
  private final Map<String, Paused> pauses = new ConcurrentSkipListMap<>();

  public Pauses(SchemaRegistry registry) {
    deserializer = new EventDeserializer<>(registry, Paused.getClassSchema());
  }

  @Override
  public void read(@Nullable String key, byte @Nullable [] value, Instant time) {
    if (key == null) {
      return;
    }
    Paused paused = deserializer.deserialize(Topics.PAUSES, value);
    if (paused == null) {
      pauses.remove(key);
    } else if (isProper(paused)
        && key.equals(Topics.pauseKey(paused.getScope(), paused.getName()))
        && (pauses.size() < MOST || pauses.containsKey(key))) {
      pauses.put(key, paused);
    }
  }

  private static boolean isProper(Paused paused) {
    return paused.getScope() == PauseScope.ALL
        || (paused.getScope() != PauseScope.UNKNOWN && RequestRules.isName(paused.getName()));
  }

  /** All that are in force, by key. */
  public List<Paused> all() {
    return List.copyOf(pauses.values());
  }

  /** Why a request rests, if it does. */
  public Optional<Paused> of(EditRequested request) {
    return of(request.getTenant(), request.getModel());
  }

  /** Why a tenant's requests of one model rest, if they do; {@code null} stands for no model. */
  public Optional<Paused> of(String tenant, @Nullable String model) {
    if (pauses.isEmpty()) {
      return Optional.empty();
    }
    return find(PauseScope.ALL, "")
        .or(() -> find(PauseScope.TENANT, tenant))
        .or(() -> model == null ? ofUnnamed() : find(PauseScope.MODEL, model));
  }

  private Optional<Paused> ofUnnamed() {
    return pauses.values().stream().filter(Paused::getUnnamed).findFirst();
  }

  private Optional<Paused> find(PauseScope scope, String name) {
    return Optional.ofNullable(pauses.get(Topics.pauseKey(scope, name)));
  }
}
