package io.smartedit.service;

import io.smartedit.events.Topics;
import java.util.List;

/**
 * How many partitions the topics have.
 *
 * @param growsRequests whether topics of requests that have fewer are given more, which ends the
 *     order of requests with the same key for as long as older ones wait
 */
public record TopicSettings(Topics.Partitions partitions, boolean growsRequests) {

  private static final int MOST = 10_000;

  private static final Setting<Integer> REQUESTS =
      Setting.number(
          "kafka.partitions",
          "Partitions of the topics of requests, where they are created; as many workers work at"
              + " once, at most.",
          Integer.toString(Topics.Partitions.DEFAULT.requests()),
          1,
          MOST);
  private static final Setting<Integer> RESULTS =
      Setting.number(
          "kafka.result-partitions",
          "Partitions of all other topics but two, where they are created; they never change, and"
              + " the sink refuses to start where they are others.",
          Integer.toString(Topics.Partitions.DEFAULT.results()),
          1,
          MOST);
  private static final Setting<Boolean> GROWS =
      Setting.flag(
          "kafka.grow-partitions",
          "Whether topics of requests that have fewer than kafka.partitions are given more, true or"
              + " false; a session's later requests may then be edited before its earlier ones that"
              + " wait.",
          "false");

  /** Declared by every service. */
  public static final List<Setting<?>> DECLARED = List.of(REQUESTS, RESULTS, GROWS);

  /** Where nothing is said. */
  public static final TopicSettings DEFAULT = new TopicSettings(Topics.Partitions.DEFAULT, false);

  /** Of settings that declare them. */
  public static TopicSettings of(Settings settings) {
    return new TopicSettings(
        new Topics.Partitions(settings.get(REQUESTS), settings.get(RESULTS)), settings.get(GROWS));
  }
}
