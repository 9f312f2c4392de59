package io.smartedit.sink.routing;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** The first entries of a range of a store, which may be changed once they are read. */
final class StoreSlice {

  private StoreSlice() {}

  /**
   * Reads a slice.
   *
   * @param from null for the store's beginning
   * @param to null for its end
   */
  static <V> List<KeyValue<String, V>> of(
      ReadOnlyKeyValueStore<String, V> store,
      @Nullable String from,
      @Nullable String to,
      int most) {
    List<KeyValue<String, V>> slice = new ArrayList<>();
    try (KeyValueIterator<String, V> entries = store.range(from, to)) {
      while (entries.hasNext() && slice.size() < most) {
        slice.add(entries.next());
      }
    }
    return slice;
  }
}
