package io.smartedit.sink.calls;

import io.smartedit.events.OutgoingCall;
import okhttp3.Request;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Who is called: how a call is worded, and what follows from its end. Used by one thread. */
public interface Correspondent {

  /** What is sent at this attempt. */
  Request request(OutgoingCall call) throws CallRefusedException;

  /**
   * What follows from an answer of 2xx.
   *
   * @return an event, or none
   * @throws IllegalArgumentException where it is no answer to the question; it is asked again
   */
  @Nullable SpecificRecord delivered(OutgoingCall call, Reply reply);

  /**
   * What follows where nobody took it in time, or nobody may be called.
   *
   * @return an event
   */
  SpecificRecord givenUp(OutgoingCall call, String why);
}
