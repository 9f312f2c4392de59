package io.smartedit.service;

import java.util.Set;

/** Where sources may lie: declared alike by whoever checks requests. */
public final class SourceSettings {

  public static final Setting<Set<String>> BUCKETS =
      Setting.names("source.buckets", "Buckets that a source may lie in.", "pictures,edited");
  public static final Setting<Set<String>> HOSTS =
      Setting.names(
          "source.hosts",
          "Hosts that a source's https:// may name, as img.example.com or *.example.com; none"
              + " where the web is not asked.",
          "");

  private SourceSettings() {}
}
