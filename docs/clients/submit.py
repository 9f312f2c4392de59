"""Requests one edit and waits for its event, with confluent-kafka alone.

pip install "confluent-kafka[avro,schemaregistry]"
python submit.py SCHEMAS BOOTSTRAP REGISTRY SOURCE INSTRUCTION
"""
import sys
import time
import uuid
from pathlib import Path

from confluent_kafka import DeserializingConsumer, SerializingProducer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import StringDeserializer, StringSerializer

schemas, bootstrap, registry_url, source, instruction = sys.argv[1:]
registry = SchemaRegistryClient({"url": registry_url})

producer = SerializingProducer({
    "bootstrap.servers": bootstrap,
    "key.serializer": StringSerializer(),
    "value.serializer": AvroSerializer(registry, Path(schemas, "EditRequested.avsc").read_text()),
})
request_id = str(uuid.uuid4())
producer.produce("edits.requested", key=source, value={
    "requestId": request_id,
    "source": source,
    "instruction": instruction,
    "options": {"steps": 4, "size": 64},
    "requestedAt": int(time.time() * 1000),
})
producer.flush()

consumer = DeserializingConsumer({
    "bootstrap.servers": bootstrap,
    "group.id": request_id,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_committed",
    "key.deserializer": StringDeserializer(),
    "value.deserializer": AvroDeserializer(registry),
})
consumer.subscribe(["edits.completed", "edits.failed"])
end = time.time() + 60
while time.time() < end:
    message = consumer.poll(1)
    if message is not None and message.error() is None and message.key() == request_id:
        event = message.value()
        headers = dict(message.headers())
        print(headers["ce_type"].decode(), event.get("result") or event["failure"])
        sys.exit(0 if message.topic() == "edits.completed" else 1)
sys.exit("no event within a minute")
