package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.store.ObjectStore.Listed;
import io.smartedit.store.StoreException.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store promises. */
interface ObjectStoreContract {

  ObjectStore store();

  private ObjectName fresh() {
    store().ensureBucket("pictures");
    return new ObjectName("pictures", "a b/" + UUID.randomUUID() + ".png");
  }

  @Test
  default void whatIsWrittenIsReadBack() {
    byte[] bytes = new byte[300_000];
    new Random(1).nextBytes(bytes);
    ObjectName name = fresh();

    store().write(name, bytes, "image/png", Map.of("request", "r-1"));

    assertThat(store().read(name, bytes.length)).isEqualTo(bytes);
    assertThat(store().metadata(name).orElseThrow()).containsEntry("request", "r-1");
  }

  @Test
  default void whatIsDeletedIsGoneAndMayBeDeletedAgain() {
    ObjectName name = fresh();
    store().write(name, new byte[] {1}, "image/png", Map.of());

    store().delete(name);
    store().delete(name);

    assertThat(store().metadata(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "with space.png",
        "plus+and+plus.png",
        "per%cent%20%2F.png",
        "Gr\u00fc\u00dfe.png",
        "\ud83d\ude00/\ud83d\udc08.png",
        "q?u=1&b#c.png",
        "'\"<>*:|,;=@$!().png"
      })
  default void everyKeyIsTakenAsItIs(String key) {
    store().ensureBucket("images");
    ObjectName name = new ObjectName("images", UUID.randomUUID() + "/" + key);

    store().write(name, new byte[] {1, 2}, "image/png", Map.of("request", "r-1"));

    assertThat(store().read(name, 10)).containsExactly(1, 2);
    assertThat(store().metadata(name).orElseThrow()).containsEntry("request", "r-1");
    assertThat(store().writeNew(name, new byte[1], "image/png", Map.of())).isFalse();
  }

  @Test
  default void aSecondWriteReplacesTheFirst() {
    ObjectName name = fresh();
    store().write(name, new byte[] {1, 2, 3}, "image/png", Map.of());

    store().write(name, new byte[] {4}, "image/png", Map.of());

    assertThat(store().read(name, 10)).containsExactly(4);
  }

  @Test
  default void ofTwoWritersOfANewNameTheFirstWins() {
    ObjectName name = fresh();

    assertThat(store().writeNew(name, new byte[] {1, 2}, "image/png", Map.of("by", "a"))).isTrue();
    assertThat(store().writeNew(name, new byte[] {3}, "image/png", Map.of("by", "b"))).isFalse();

    assertThat(store().read(name, 10)).containsExactly(1, 2);
    assertThat(store().metadata(name).orElseThrow()).containsEntry("by", "a");
  }

  @Test
  default void whatIsNotThereIsNotFound() {
    ObjectName name = fresh();

    assertThat(store().metadata(name)).isEmpty();
    assertKind(Kind.NOT_FOUND, () -> store().read(name, 10));
    ObjectName elsewhere = new ObjectName("no-such-bucket", "a");
    assertKind(Kind.MISCONFIGURED, () -> store().metadata(elsewhere));
    assertKind(
        Kind.MISCONFIGURED, () -> store().write(elsewhere, new byte[1], "image/png", Map.of()));
  }

  @Test
  default void objectsAreListedInTheOrderOfTheirKeysAPageAtATime() {
    store().ensureBucket("pictures");
    String folder = "listed " + UUID.randomUUID() + "/";
    for (String key : List.of("b/1.png", "a~2.png", "\u00fc.png", "a.png")) {
      ObjectName name = new ObjectName("pictures", folder + key);
      store().write(name, new byte[] {1}, "image/png", Map.of());
    }
    Instant before = Instant.now().minusSeconds(60);

    List<Listed> all = store().list("pictures", folder, "", 10);
    List<Listed> first = store().list("pictures", folder, "", 3);

    assertThat(all)
        .extracting(listed -> listed.name().key().substring(folder.length()))
        .containsExactly("a.png", "a~2.png", "b/1.png", "\u00fc.png");
    assertThat(all).allSatisfy(listed -> assertThat(listed.writtenAt()).isAfter(before));
    assertThat(first).isEqualTo(all.subList(0, 3));
    assertThat(store().list("pictures", folder, first.get(2).name().key(), 3))
        .isEqualTo(all.subList(3, 4));
    assertKind(Kind.MISCONFIGURED, () -> store().list("no-such-bucket", "", "", 1));
  }

  @Test
  default void moreThanAskedForIsRefused() {
    ObjectName name = fresh();
    store().write(name, new byte[11], "image/png", Map.of());

    assertKind(Kind.TOO_LARGE, () -> store().read(name, 10));
    assertThat(store().read(name, 11)).hasSize(11);
  }

  private static void assertKind(Kind kind, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
