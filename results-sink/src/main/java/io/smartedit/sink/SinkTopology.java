package io.smartedit.sink;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/** The sink's topology: outcomes, the first of each request, to completed or failed events. */
final class SinkTopology {

  private SinkTopology() {}

  static Topology build(SchemaRegistry registry) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(FirstOutcome.STORE), Serdes.String(), Serdes.Long()));
    Serde<EditOutcome> outcomeSerde = serde(registry, EditOutcome.getClassSchema());
    KStream<String, EditOutcome> first =
        builder.stream(Topics.OUTCOMES, Consumed.with(Serdes.String(), outcomeSerde))
            .processValues(FirstOutcome::new, FirstOutcome.STORE);
    Serde<EditCompleted> completedSerde = serde(registry, EditCompleted.getClassSchema());
    first
        .filter((id, outcome) -> isComplete(outcome))
        .mapValues(SinkTopology::completed)
        .to(Topics.COMPLETED, Produced.with(Serdes.String(), completedSerde));
    Serde<EditFailed> failedSerde = serde(registry, EditFailed.getClassSchema());
    first
        .filterNot((id, outcome) -> isComplete(outcome))
        .mapValues(SinkTopology::failed)
        .to(Topics.FAILED, Produced.with(Serdes.String(), failedSerde));
    return builder.build();
  }

  private static boolean isComplete(EditOutcome outcome) {
    return outcome.getStatus() == Status.EDITED
        && outcome.getResult() != null
        && outcome.getRequest() != null;
  }

  private static EditCompleted completed(EditOutcome outcome) {
    return EditCompleted.newBuilder()
        .setRequestId(outcome.getRequestId())
        .setTenant(outcome.getTenant())
        .setResult(outcome.getResult())
        .setRequest(outcome.getRequest())
        .setCost(outcome.getCost())
        .setWorker(outcome.getWorker())
        .setModel(outcome.getModel())
        .setVersion(outcome.getVersion())
        .setFinishedAt(outcome.getFinishedAt())
        .build();
  }

  private static EditFailed failed(EditOutcome outcome) {
    Failure failure = outcome.getFailure();
    return EditFailed.newBuilder()
        .setRequestId(outcome.getRequestId())
        .setTenant(outcome.getTenant())
        .setStatus(outcome.getStatus() == Status.EDITED ? Status.FAILED : outcome.getStatus())
        .setFailure(failure == null ? unexplained() : failure)
        .setRequest(outcome.getRequest())
        .setRaw(outcome.getRaw())
        .setCost(outcome.getCost())
        .setWorker(outcome.getWorker())
        .setFinishedAt(outcome.getFinishedAt())
        .build();
  }

  private static Failure unexplained() {
    return Failure.newBuilder()
        .setKind(FailureKind.INTERNAL)
        .setMessage("the worker's outcome said neither result nor reason")
        .build();
  }

  private static <T extends SpecificRecord> Serde<T> serde(SchemaRegistry registry, Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
