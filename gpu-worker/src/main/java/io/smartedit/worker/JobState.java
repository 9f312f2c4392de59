package io.smartedit.worker;

/** Where a job is on its way through the worker, and where it may go from there. */
enum JobState {
  /*
   *            +-- WAITING <-+
   *            v             |
   *  (Kafka) TAKEN ----------+--> RESOLVED --> FETCHING --> PREPARING --> PREPARED
   *                                                                          |
   *               (outbox) ANSWERED <-- STORING <-> ENCODING <-- DENOISING <-+
   *
   *  Of several variants each is encoded and stored before the next, so that no more than one is held.
   *  Every state may also go straight to ANSWERED (the job failed, was cancelled or came too late),
   *  to PARKED (its batch rests) or to LEFT (another worker does it). Nothing leads out of these, so
   *  that a job ends once.
   */

  /** Its rules, its earlier result and its source are looked up. */
  TAKEN,
  /** It builds on another request's result, which is not there yet. */
  WAITING,
  /** Its source is known; it waits to be admitted to work. */
  RESOLVED,
  /** Its source is read. */
  FETCHING,
  /** Its source is decoded and reduced. */
  PREPARING,
  /** It waits for a place in the device. */
  PREPARED,
  /** It is in the device: the condition is encoded, latents are denoised and decoded. */
  DENOISING,
  /** Its image is restored and encoded. */
  ENCODING,
  /** Its result is written. */
  STORING,
  /** It has its outcome, which is published. */
  ANSWERED,
  /** Its batch rests; its request is published aside, from where it comes back. */
  PARKED,
  /** Nobody here works on it any longer; its record is open and another worker's. */
  LEFT;

  boolean mayBecome(JobState next) {
    if (next.isEnd()) {
      return !isEnd();
    }
    return switch (this) {
      case TAKEN -> next == WAITING || next == RESOLVED;
      case WAITING -> next == TAKEN;
      case RESOLVED -> next == FETCHING;
      case FETCHING -> next == PREPARING;
      case PREPARING -> next == PREPARED;
      case PREPARED -> next == DENOISING;
      case DENOISING -> next == ENCODING;
      case ENCODING -> next == STORING;
      case STORING -> next == ENCODING;
      case ANSWERED, PARKED, LEFT -> false;
    };
  }

  boolean isEnd() {
    return this == ANSWERED || this == PARKED || this == LEFT;
  }

  /**
   * Whether the device or what follows it has the job: it is finished before its partition goes.
   */
  boolean isBegun() {
    return this == DENOISING || this == ENCODING || this == STORING;
  }
}
