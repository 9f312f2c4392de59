package io.smartedit.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The members that read one topic, in the order in which they are asked.
 *
 * <p>Fewer are asked than are free where the device has few places, because who was asked may be
 * handed a record a moment later and keeps it from idle workers. Of a topic of one partition every
 * member reads all. Where a broker deals partitions out, a record is some members' only, and those
 * who are asked take turns: so no partition is passed over. Used by the requests thread.
 */
final class ShareMembers {

  /** Longer than a broker thinks about an answer. */
  static final Duration TURN = Duration.ofMillis(500);

  private final String topic;
  private final List<ShareMember> members;
  private int first;
  private int next;
  private long since;

  ShareMembers(String topic, List<ShareMember> members, long now) {
    this.topic = topic;
    this.members = List.copyOf(members);
    since = now;
  }

  String topic() {
    return topic;
  }

  List<ShareMember> all() {
    return members;
  }

  boolean isAnyFree() {
    return members.stream().anyMatch(ShareMember::isFree);
  }

  /** Those that hold nothing, those first whose turn it is. */
  List<ShareMember> free(boolean dealtOut, long now) {
    if (dealtOut && now - since >= TURN.toNanos()) {
      first = next;
      since = now;
    }
    List<ShareMember> free = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      ShareMember member = members.get((first + i) % members.size());
      if (member.isFree()) {
        free.add(member);
      }
    }
    return free;
  }

  /** This one was asked; the next turn begins behind it. */
  void asked(ShareMember member) {
    next = (members.indexOf(member) + 1) % members.size();
  }
}
