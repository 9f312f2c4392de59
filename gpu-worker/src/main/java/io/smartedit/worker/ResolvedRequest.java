package io.smartedit.worker;

import io.smartedit.editor.options.EditOptions;

/**
 * A request that keeps all rules, has no result yet, and whose source is known.
 *
 * @param source an {@code s3://} or {@code https://} address
 * @param options what the request leaves open is the model's
 */
record ResolvedRequest(Job job, String source, EditOptions options) implements StageInput {}
