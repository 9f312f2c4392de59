package io.smartedit.sink.moderation;

import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.OutgoingCall;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.sink.calls.CallHttp;
import io.smartedit.sink.calls.CallProcessor;
import io.smartedit.sink.calls.CallRules;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** Results that wait to questions to the policy, and its answers to {@code edits.verdicts}. */
public final class ModerationTopology {

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private ModerationTopology() {}

  /**
   * The client stays the caller's.
   *
   * @param links under which an image of the store can be read, where there are any
   */
  public static Topology build(
      ModerationSettings settings,
      SchemaRegistry registry,
      CallHttp http,
      Function<String, Optional<URI>> links,
      MeterRegistry meters,
      Clock clock) {
    StreamsBuilder builder = new StreamsBuilder();
    String[] stores =
        CallProcessor.addStores(builder, serde(registry, OutgoingCall.getClassSchema()));
    Policy policy = new Policy(settings, links, clock);
    CallRules rules = new CallRules(settings.retry(), FIRST_PAUSE, LONGEST_PAUSE);
    Serde<EditReview> reviews = serde(registry, EditReview.getClassSchema());
    Serde<EditVerdict> verdicts = serde(registry, EditVerdict.getClassSchema());
    builder.stream(Topics.REVIEW, Consumed.with(Serdes.String(), reviews))
        .flatMapValues(policy::calls)
        .process(() -> new CallProcessor("policy", policy, rules, http, meters), stores)
        .mapValues(EditVerdict.class::cast)
        .to(Topics.VERDICTS, Produced.with(Serdes.String(), verdicts));
    return builder.build();
  }

  private static <T extends SpecificRecord> Serde<T> serde(SchemaRegistry registry, Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
