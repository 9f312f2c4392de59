package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.events.Topics;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Where a request goes that is not for this worker, or not for now. */
enum Parking {
  /** Its batch rests: the sink keeps it until that goes on. */
  BATCH,
  /** Its tenant, its model or everything rests: the sink keeps it until that goes on. */
  PAUSE,
  /** Others serve its model: on its way to them. */
  ELSEWHERE;

  ProducerRecord<String, SpecificRecord> record(EditRequested request) {
    return switch (this) {
      case BATCH ->
          new ProducerRecord<>(
              Topics.BATCH_PARKED,
              Topics.batchKey(request.getTenant(), String.valueOf(request.getBatch())),
              request);
      case PAUSE -> new ProducerRecord<>(Topics.PAUSED, Topics.key(request), request);
      case ELSEWHERE -> new ProducerRecord<>(Topics.of(request), Topics.key(request), request);
    };
  }
}
