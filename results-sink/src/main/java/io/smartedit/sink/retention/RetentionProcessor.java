package io.smartedit.sink.retention;

import io.smartedit.events.ImageDeleted;
import io.smartedit.events.ImageUse;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.ObjectStore.Listed;
import io.smartedit.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the buckets, round after round, a page at a time, and hands on the images whose time
 * is over and that no open request needs. One task does it for the whole stream.
 *
 * <p>A page is judged only when the stream has read all requests that were on the topics after the
 * page was listed: a request that came before an image's time was over finds it.
 */
@NullUnmarked // Kafka calls init before process
final class RetentionProcessor implements Processor<String, ImageUse, String, ImageDeleted> {

  private static final Logger LOG = LoggerFactory.getLogger(RetentionProcessor.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int PAGE = 1000;

  private final RetentionSettings settings;
  private final ObjectStore store;
  private final Horizon horizon;
  private final List<String> sources;
  private final String usesTopic;
  private final List<String> buckets;
  private ProcessorContext<String, ImageDeleted> context;
  private ImageUses uses;
  private int bucket;
  private String after = "";
  private long next;
  private List<Listed> page = List.of();
  private @Nullable Map<TopicPartition, Long> awaited;
  private boolean sourcesRead;

  /**
   * @param sources topics of requests and ends
   * @param usesTopic on which what was read of them comes here
   */
  RetentionProcessor(
      RetentionSettings settings,
      ObjectStore store,
      Horizon horizon,
      List<String> sources,
      String usesTopic) {
    this.settings = settings;
    this.store = store;
    this.horizon = horizon;
    this.sources = sources;
    this.usesTopic = usesTopic;
    this.buckets =
        List.copyOf(new LinkedHashSet<>(List.of(settings.results(), settings.uploads())));
  }

  @Override
  public void init(ProcessorContext<String, ImageDeleted> processorContext) {
    context = processorContext;
    uses =
        new ImageUses(
            context.getStateStore(ImageUses.OPEN),
            context.getStateStore(ImageUses.NEEDED),
            context.getStateStore(ImageUses.ENDED));
    context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::turn);
  }

  @Override
  public void process(Record<String, ImageUse> record) {
    uses.add(record.value(), context.currentSystemTimeMs());
  }

  private void turn(long now) {
    try {
      if (!page.isEmpty()) {
        judge(now);
      } else if (now >= next) {
        list(now);
      }
    } catch (StoreException | KafkaException e) {
      LOG.warn("images whose time is over wait: {}", e.getMessage());
      next = now + settings.pause().toMillis();
    }
  }

  private void list(long now) {
    settings.rules().refresh();
    String of = buckets.get(bucket);
    List<Listed> listed = store.list(of, "", after, PAGE);
    if (listed.size() < PAGE) {
      after = "";
      bucket = (bucket + 1) % buckets.size();
      next = bucket == 0 ? now + settings.pause().toMillis() : now;
    } else {
      after = listed.get(PAGE - 1).name().key();
    }
    List<Listed> over = new ArrayList<>(listed);
    over.removeIf(each -> !isOver(each, now));
    if (!over.isEmpty()) {
      awaited = horizon.ends(sources);
      sourcesRead = false;
      page = over;
    }
  }

  private boolean isOver(Listed listed, long now) {
    return StoredImage.of(listed.name(), settings)
        .flatMap(settings.rules()::of)
        .filter(kept -> now - listed.writtenAt().toEpochMilli() > kept.toMillis())
        .isPresent();
  }

  private void judge(long now) {
    if (awaited == null || !horizon.isReached(awaited)) {
      return;
    }
    if (!sourcesRead) { // what was read of them is on its way here
      sourcesRead = true;
      awaited = horizon.ends(List.of(usesTopic));
      return;
    }
    List<Listed> judged = page;
    page = List.of();
    awaited = null;
    for (Listed listed : judged) {
      StoredImage.of(listed.name(), settings)
          .filter(image -> !uses.isNeeded(image))
          .ifPresent(image -> handOn(image, listed.writtenAt(), now));
    }
  }

  private void handOn(StoredImage image, Instant writtenAt, long now) {
    ImageDeleted due =
        ImageDeleted.newBuilder()
            .setObject(image.name().toString())
            .setTenant(image.tenant())
            .setRequestId(image.requestId())
            .setReason(RetentionTopology.REASON)
            .setAt(writtenAt)
            .build();
    context.forward(new Record<>(image.eventKey(), due, now));
  }
}
