package io.smartedit.sink;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.NullUnmarked;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One bound for the memory of all state stores together, whatever the number of partitions: blocks,
 * indexes, filters and write buffers share one cache.
 */
final class RocksDbMemory implements AutoCloseable {

  /** Under which {@link Setter}, which Kafka Streams makes, finds it. */
  private static final String SETTING = "smartedit.rocksdb-memory";

  private static final double WRITE_SHARE = 0.5;
  private static final long WRITE_BUFFER = 4L << 20;

  private final Cache cache;
  private final WriteBufferManager writeBuffers;

  RocksDbMemory(long bytes) {
    RocksDB.loadLibrary();
    cache = new LRUCache(bytes);
    writeBuffers = new WriteBufferManager((long) (bytes * WRITE_SHARE), cache);
  }

  /** Puts itself among the settings of a Kafka Streams application. */
  void addTo(Properties config) {
    config.put(SETTING, this);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Setter.class);
  }

  /** After the stores are closed. */
  @Override
  public void close() {
    writeBuffers.close();
    cache.close();
  }

  /** Lets each store use the shared memory. */
  @NullUnmarked // Kafka's map of settings
  public static final class Setter implements RocksDBConfigSetter {

    /** Called by Kafka Streams. */
    public Setter() {}

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
      RocksDbMemory memory = (RocksDbMemory) configs.get(SETTING);
      BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
      table.setBlockCache(memory.cache);
      table.setCacheIndexAndFilterBlocks(true);
      table.setCacheIndexAndFilterBlocksWithHighPriority(true);
      options.setWriteBufferManager(memory.writeBuffers);
      options.setWriteBufferSize(WRITE_BUFFER);
      options.setTableFormatConfig(table);
    }

    @Override
    public void close(String store, Options options) {
      // what is shared is closed once
    }
  }
}
