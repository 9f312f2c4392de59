package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.Topics;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class PausesTest {

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final EventSerializer<Paused> serializer = new EventSerializer<>(registry);
  private final Pauses pauses = new Pauses(registry);

  @Test
  void aTenantRestsWithAllItsModelsAndAModelWithAllItsTenants() {
    pause(PauseScope.TENANT, "shop", false);
    pause(PauseScope.MODEL, "sketch", false);

    assertThat(pauses.of("shop", null)).isPresent();
    assertThat(pauses.of("shop", "photo")).isPresent();
    assertThat(pauses.of("press", "sketch")).isPresent();
    assertThat(pauses.of("press", "photo")).isEmpty();
    assertThat(pauses.of("press", null)).isEmpty();
    assertThat(pauses.of("sketch", "shop")).isEmpty();
  }

  @Test
  void requestsThatNameNoModelRestWithTheOneThatEditsThem() {
    pause(PauseScope.MODEL, "photo", true);

    assertThat(pauses.of("shop", null)).isPresent();
    assertThat(pauses.of("shop", "sketch")).isEmpty();
  }

  @Test
  void everythingRestsUntilItIsResumedAndOtherPausesStayWhatTheyWere() {
    pause(PauseScope.ALL, "", false);
    pause(PauseScope.TENANT, "shop", false);
    assertThat(pauses.of("press", "photo")).isPresent();

    pauses.read("all", null, Instant.EPOCH);

    assertThat(pauses.of("press", "photo")).isEmpty();
    assertThat(pauses.of("shop", null)).isPresent();
    assertThat(pauses.all()).hasSize(1);
  }

  @Test
  void whatNobodyCouldHaveMeantPausesNothing() {
    put("all", PauseScope.UNKNOWN, "", false);
    put("tenants/shop", PauseScope.TENANT, "press", false);
    put("tenants/../up", PauseScope.TENANT, "../up", false);
    pauses.read(null, null, Instant.EPOCH);

    assertThat(pauses.all()).isEmpty();
  }

  private void pause(PauseScope scope, String name, boolean unnamed) {
    put(Topics.pauseKey(scope, name), scope, name, unnamed);
  }

  private void put(String key, PauseScope scope, String name, boolean unnamed) {
    Paused paused =
        Paused.newBuilder()
            .setScope(scope)
            .setName(name)
            .setUnnamed(unnamed)
            .setAt(Instant.EPOCH)
            .build();
    pauses.read(key, serializer.serialize(Topics.PAUSES, paused), Instant.EPOCH);
  }
}
